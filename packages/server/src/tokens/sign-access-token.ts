import { type AccessTokenClaims, accessTokenType, type JsonValue } from '@sallyport/protocol'
import { signingAlgorithms } from './algorithms.ts'
import type { SigningKey } from './signing-key.ts'

/**
 * The claims of every access token. Both the code that issues a token and the code that computes its size use this type, so neither can
 * forget a claim.
 */
export type IssuedClaims = {
  [Name in Exclude<
    keyof AccessTokenClaims,
    keyof PermissionClaims | keyof OrganizationClaims
  >]-?: NonNullable<AccessTokenClaims[Name]>
} & PermissionClaims &
  (OrganizationClaims | { [Name in keyof OrganizationClaims]?: never })

/** The organization of a token and its version. Missing in the token of a session. */
export type OrganizationClaims = { org: string; org_ver: number }

/** How a token says which permissions the user has: a list, or those of the roles in the definition. */
export type PermissionClaims = { permissions?: string[]; permissions_of?: 'roles' }

/** Signs an access token (RFC 9068 section 2). `claims` are the standard claims and those that the app adds. */
export function signAccessToken(
  claims: AccessTokenClaims & Record<string, JsonValue>,
  key: SigningKey,
): string {
  const header = { alg: key.algorithm, typ: accessTokenType, kid: key.kid }
  const input = `${encode(header)}.${encode(claims)}`
  const signature = signingAlgorithms[key.algorithm].sign(Buffer.from(input), key.privateKey)
  return `${input}.${signature.toString('base64url')}`
}

/**
 * The maximum size of an access token in bytes. Browsers store a cookie of at most 4,096 bytes, which includes its name and attributes
 * (RFC 6265 section 6.1).
 */
export const maxAccessTokenBytes = 3_800

/**
 * Returns the size in bytes that an access token with these claims will have, before it is signed. The token is base64url text, so each
 * character has one byte.
 */
export function accessTokenBytes(claims: object): number {
  const parts = Object.entries(signingAlgorithms).map(
    ([alg, { signatureBytes }]) =>
      // An RFC 7638 thumbprint has 43 characters.
      encode({ alg, typ: accessTokenType, kid: 'x'.repeat(43) }).length + base64UrlLength(signatureBytes),
  )
  return Math.max(...parts) + base64UrlLength(Buffer.byteLength(JSON.stringify(claims))) + 2
}

/** Returns the claims of an access token. The caller must have verified the token. */
export function verifiedClaimsOf(verifiedToken: string): AccessTokenClaims {
  return claimsOf(verifiedToken) as AccessTokenClaims
}

/** Returns the session id in a token that is not verified. Use it only to detect that two credentials belong to different sessions. */
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
