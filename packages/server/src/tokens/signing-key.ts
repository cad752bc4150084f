import { createPrivateKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { isSigningAlgorithm, type SigningAlgorithmName, signingAlgorithms } from './algorithms.ts'
import type { Keyring } from './keyring.ts'

export type SealedSigningKey = { kid: string; algorithm: string; publicJwk: string; sealedPrivateKey: string }
export type SigningKey = { kid: string; algorithm: SigningAlgorithmName; privateKey: KeyObject }

/** Creates a key pair. The private key is returned only in encrypted form. `kid` is the RFC 7638 thumbprint of the public key. */
export async function makeSigningKey(
  keyring: Pick<Keyring, 'seal'>,
  algorithm: SigningAlgorithmName = 'ES256',
): Promise<SealedSigningKey> {
  const { publicKey, privateKey } = signingAlgorithms[algorithm].generate()
  const publicJwk = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint(publicJwk)
  const sealedPrivateKey = keyring.seal(
    'signing key',
    JSON.stringify(privateKey.export({ format: 'jwk' })),
    kid,
  )
  return {
    kid,
    algorithm,
    publicJwk: JSON.stringify({ ...publicJwk, kid, alg: algorithm, use: 'sig' }),
    sealedPrivateKey,
  }
}

/**
 * Decrypts a signing key.
 *
 * @throws TypeError when the key was encrypted under another secret, or when this version does not support the algorithm of the key.
 */
export function openSigningKey(keyring: Pick<Keyring, 'open'>, sealed: SealedSigningKey): SigningKey {
  const { kid, algorithm, sealedPrivateKey } = sealed
  if (!isSigningAlgorithm(algorithm))
    throw new TypeError(
      `The signing key in the database is for ${algorithm}. This version does not support this algorithm.`,
    )
  const jwk = keyring.open('signing key', sealedPrivateKey, kid)
  if (jwk === null)
    throw new TypeError(
      'The signing key in the database was made under another SALLYPORT_SECRET. Set the secret with which this data was made. To replace that secret, set the new and the old secret: SALLYPORT_SECRET=new,old (docs/operations.md).',
    )
  return { kid, algorithm, privateKey: createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' }) }
}
