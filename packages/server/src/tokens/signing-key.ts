import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose'
import { deriveKey, seal, unseal } from './secret.ts'

export type SealedSigningKey = { kid: string; algorithm: string; publicJwk: string; sealedPrivateKey: string }
export type SigningKey = { kid: string; algorithm: string; privateKey: CryptoKey }

const algorithm = 'ES256'

/** Makes a key pair; the private part leaves this function encrypted only. `kid` is the RFC 7638 thumbprint. */
export async function makeSigningKey(secret: string): Promise<SealedSigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  const kid = await calculateJwkThumbprint(publicJwk)
  const sealedPrivateKey = seal(
    deriveKey(secret, 'signing key'),
    JSON.stringify(await exportJWK(privateKey)),
    kid,
  )
  return {
    kid,
    algorithm,
    publicJwk: JSON.stringify({ ...publicJwk, kid, alg: algorithm, use: 'sig' }),
    sealedPrivateKey,
  }
}

export async function openSigningKey(secret: string, sealed: SealedSigningKey): Promise<SigningKey> {
  let plain: string
  try {
    plain = unseal(deriveKey(secret, 'signing key'), sealed.sealedPrivateKey, sealed.kid)
  } catch {
    throw new TypeError(
      'The signing key in the database was made under another SALLYPORT_SECRET. Set the secret that this data was made with.',
    )
  }
  const key = await importJWK(JSON.parse(plain) as JWK, sealed.algorithm, { extractable: false })
  return { kid: sealed.kid, algorithm: sealed.algorithm, privateKey: key as CryptoKey }
}
