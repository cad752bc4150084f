import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { accessTokenType } from '@sallyport/protocol'

/** The time that the clocks of all tests show. It never changes, so that tests are reproducible. */
export const now = Date.UTC(2026, 7, 3, 12)
export const nowSeconds = now / 1000

export const issuer = 'http://localhost:4000'
export const audience = 'billing-api'

export type Json = Record<string, unknown>

/** A key pair of the tests' issuer, and its JWK in the form of the JWKS. */
export type SigningKey = {
  kid: string
  alg: 'ES256' | 'EdDSA' | 'RS256'
  publicJwk: Json
  publicKey: KeyObject
  privateKey: KeyObject
}

export function createSigningKey(kid: string, alg: SigningKey['alg'] = 'ES256'): SigningKey {
  const { publicKey, privateKey } = generate(alg)
  return {
    kid,
    alg,
    publicKey,
    privateKey,
    publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
  }
}

function generate(alg: SigningKey['alg']): { publicKey: KeyObject; privateKey: KeyObject } {
  if (alg === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' })
  if (alg === 'EdDSA') return generateKeyPairSync('ed25519')
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

/** Returns the claims of a genuine token, which is valid for ten minutes. */
export function genuineClaims(changes: Json = {}): Json {
  return {
    iss: issuer,
    aud: [audience, 'billing-web'],
    client_id: 'first-party',
    sub: 'user-1',
    sid: 'session-1',
    ver: 3,
    jti: 'token-1',
    iat: nowSeconds,
    exp: nowSeconds + 600,
    auth_time: nowSeconds,
    amr: ['pwd'],
    acr: 'aal1',
    roles: ['member'],
    ...changes,
  }
}

export function genuineHeader(key: SigningKey, changes: Json = {}): Json {
  return { alg: key.alg, kid: key.kid, typ: accessTokenType, ...changes }
}

export function base64Url(part: string | Uint8Array): string {
  return Buffer.from(part).toString('base64url')
}

/** Signs a header and a payload without changing them. So a forged token can have any content and a valid signature. */
export function signParts(
  header: string | Uint8Array,
  payload: string | Uint8Array,
  key: SigningKey,
): string {
  const input = `${base64Url(header)}.${base64Url(payload)}`
  return `${input}.${base64Url(signBytes(input, key))}`
}

export function signBytes(input: string, { alg, privateKey }: SigningKey): Buffer {
  const data = Buffer.from(input)
  if (alg === 'ES256') return sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return sign(alg === 'RS256' ? 'sha256' : null, data, privateKey)
}

/** Issues a genuine token. Some claims and header members can be changed; `undefined` removes a member. */
export function issueToken(key: SigningKey, claims: Json = {}, header: Json = {}): string {
  return signParts(JSON.stringify(genuineHeader(key, header)), JSON.stringify(genuineClaims(claims)), key)
}
