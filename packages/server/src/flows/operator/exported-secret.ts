import { faultOfSecret } from '@sallyport/protocol/secret'
import { FlowError } from '../../services/flow-error.ts'
import { type Keyring, keyringOf } from '../../tokens/keyring.ts'

/**
 * Returns the keys with which an export encrypts the secrets of authenticator apps. They are derived from a key that the operator has made
 * for this export, because the other server has another `SALLYPORT_SECRET`.
 *
 * @throws FlowError `invalid_request` when the key could be guessed.
 */
export function exportKeyring(factorsKey: string): Keyring {
  const fault = faultOfSecret(factorsKey)
  if (fault !== null) {
    const errors = [{ field: 'factorsKey', message: `The key ${fault}` }]
    throw new FlowError('invalid_request', { details: { errors } })
  }
  return keyringOf(factorsKey)
}

/** Encrypts a secret for the user with this address. */
export function sealExported(key: Keyring, secret: string, email: string): string {
  return key.seal('exported totp', secret, email)
}

/** Decrypts the result of {@link sealExported}. Returns null for another key or address, and for a text that was changed. */
export function openExported(key: Keyring, sealed: string, email: string): string | null {
  return key.open('exported totp', sealed, email)
}
