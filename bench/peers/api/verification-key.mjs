import { createPublicKey } from 'node:crypto'

/** The public key of our auth server, parsed once, as in an API that got the key from its operator. */
export const verificationKey = createPublicKey({ key: JSON.parse(process.env.PUBLIC_JWK), format: 'jwk' })

/** What every verifier here requires of a token. */
export const expected = { issuer: process.env.ISSUER, audience: 'billing-api' }

/** Returns the token of an Authorization header. */
export function bearerToken(request) {
  const { authorization } = request.headers
  return authorization?.startsWith('Bearer ') ? authorization.slice(7) : ''
}
