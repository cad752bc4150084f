import { type AccessTokenClaims, accessTokenType, type JsonValue } from '@sallyport/protocol'
import { signingAlgorithms } from './algorithms.ts'
import type { SigningKey } from './signing-key.ts'

/** Signs an access token (RFC 9068 section 2), with claims of the product's own beside ours. */
export function signAccessToken(
  claims: AccessTokenClaims & Record<string, JsonValue>,
  key: SigningKey,
): string {
  const header = { alg: key.algorithm, typ: accessTokenType, kid: key.kid }
  const input = `${encode(header)}.${encode(claims)}`
  const signature = signingAlgorithms[key.algorithm].sign(Buffer.from(input), key.privateKey)
  return `${input}.${signature.toString('base64url')}`
}

/** Most bytes of an access token: with the name and the attributes of its cookie, browsers keep up to 4,096 (RFC 6265 section 6.1). */
export const maxAccessTokenBytes = 3_800

/** How many bytes the access token with these claims has, however it is signed: it is base64url, so as many as characters. */
export function accessTokenBytes(claims: object): number {
  const parts = Object.entries(signingAlgorithms).map(
    ([alg, { signatureBytes }]) =>
      // An RFC 7638 thumbprint has 43 characters.
      encode({ alg, typ: accessTokenType, kid: 'x'.repeat(43) }).length + base64UrlLength(signatureBytes),
  )
  return Math.max(...parts) + base64UrlLength(Buffer.byteLength(JSON.stringify(claims))) + 2
}

/** The claims of an access token that has been verified already; nothing is checked here. */
export function verifiedClaimsOf(verifiedToken: string): AccessTokenClaims {
  return claimsOf(verifiedToken) as AccessTokenClaims
}

/** The session that a token names, believed by nobody: for noticing that two credentials do not belong together. */
export function claimedSessionOf(token: string): unknown {
  return claimsOf(token)?.sid
}

function claimsOf(token: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  } catch {
    return null
  }
}

function base64UrlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3)
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
