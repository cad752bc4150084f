import { createPrivateKey, type KeyObject } from 'node:crypto'
import { calculateJwkThumbprint } from 'jose'
import { isSigningAlgorithm, type SigningAlgorithmName, signingAlgorithms } from './algorithms.ts'
import { deriveKey, seal, unseal } from './secret.ts'

export type SealedSigningKey = { kid: string; algorithm: string; publicJwk: string; sealedPrivateKey: string }
export type SigningKey = { kid: string; algorithm: SigningAlgorithmName; privateKey: KeyObject }

/** Makes a key pair; the private part leaves this function encrypted only. `kid` is the RFC 7638 thumbprint. */
export async function makeSigningKey(
  secret: string,
  algorithm: SigningAlgorithmName = 'ES256',
): Promise<SealedSigningKey> {
  const { publicKey, privateKey } = signingAlgorithms[algorithm].generate()
  const publicJwk = publicKey.export({ format: 'jwk' })
  const kid = await calculateJwkThumbprint(publicJwk)
  const sealedPrivateKey = seal(sealingKey(secret), JSON.stringify(privateKey.export({ format: 'jwk' })), kid)
  return {
    kid,
    algorithm,
    publicJwk: JSON.stringify({ ...publicJwk, kid, alg: algorithm, use: 'sig' }),
    sealedPrivateKey,
  }
}

/** @throws TypeError when the key was sealed under another secret, or is for an algorithm that this version does not know. */
export function openSigningKey(secret: string, sealed: SealedSigningKey): SigningKey {
  const { kid, algorithm, sealedPrivateKey } = sealed
  if (!isSigningAlgorithm(algorithm))
    throw new TypeError(
      `The signing key in the database is for ${algorithm}, which this version does not know.`,
    )
  let jwk: string
  try {
    jwk = unseal(sealingKey(secret), sealedPrivateKey, kid)
  } catch {
    throw new TypeError(
      'The signing key in the database was made under another SALLYPORT_SECRET. Set the secret that this data was made with.',
    )
  }
  return { kid, algorithm, privateKey: createPrivateKey({ key: JSON.parse(jwk), format: 'jwk' }) }
}

function sealingKey(secret: string): Buffer {
  return deriveKey(secret, 'signing key')
}
