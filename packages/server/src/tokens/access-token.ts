import { type AccessTokenClaims, accessTokenType } from '@sallyport/protocol'
import { SignJWT } from 'jose'
import type { SigningKey } from './signing-key.ts'

/** Signs an access token (RFC 9068 section 2). */
export function signAccessToken(claims: AccessTokenClaims, key: SigningKey): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.algorithm, typ: accessTokenType, kid: key.kid })
    .sign(key.privateKey)
}
