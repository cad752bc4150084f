import { accessTokenType } from '@sallyport/protocol'
import type { AlgorithmName } from './algorithms.ts'
import { AuthError } from './auth-error.ts'
import { type ClaimRules, readClaims, type VerifiedClaims } from './claims.ts'
import { parseCompactToken } from './compact-token.ts'
import type { KeySet } from './key-set.ts'
import type { JsonObject } from './strict-json.ts'
import type { VerificationKey } from './verification-key.ts'

/** A token that has been checked once, and the key that it was checked with. */
export type CheckedToken = VerifiedClaims & { key: VerificationKey }

/**
 * Checks a token from scratch, in the order that gives a forger least: shape, header, key by `kid`, signature, and only
 * then the claims. At most one signature is ever computed, and nothing that the token names is fetched.
 *
 * @throws AuthError `token_invalid`; `unavailable` when the keys cannot be had.
 */
export async function checkToken(
  token: string,
  rules: ClaimRules & { algorithms: readonly AlgorithmName[] },
  keySet: KeySet,
  nowMs: number,
): Promise<CheckedToken> {
  const parsed = parseCompactToken(token) ?? refuse('not a JWS in compact form')
  const { algorithm, kid } = readHeader(parsed.header)
  if (!(rules.algorithms as readonly string[]).includes(algorithm)) refuse('the algorithm is not allowed')
  const key = (await keySet.find(kid)) ?? refuse('no such key')
  if (key.algorithm !== algorithm) refuse('the key is for another algorithm')
  if (!key.verify(parsed.signingInput, parsed.signature)) refuse('the signature is wrong')
  return { ...readClaims(parsed.payload, rules, nowMs), key }
}

/**
 * Reads the three members of the header that count. `jku`, `x5u`, `jwk`, `x5c` and their like are ignored and never
 * fetched: the key is the one we hold under `kid`, or none (RFC 8725 section 3.10).
 */
function readHeader(header: JsonObject): { algorithm: string; kid: string } {
  const { alg, kid, typ } = header
  if (typeof alg !== 'string') refuse('no algorithm')
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > 255) refuse('no key id')
  // RFC 8725 section 3.11: explicit typing keeps our other tokens, and other people's, from passing as access tokens.
  if (typeof typ !== 'string' || !accessTokenTypes.has(typ.toLowerCase())) refuse('not an access token')
  // RFC 7515 section 4.1.11: we understand no extension, so a token that insists on one is refused.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) refuse('an extension we do not know')
  if (Object.hasOwn(header, 'cty')) refuse('a nested token')
  return { algorithm: alg as string, kid: kid as string }
}

/** A media type without a slash stands for `application/` and itself (RFC 7515 section 4.1.9); case does not count. */
const accessTokenTypes: ReadonlySet<string> = new Set([accessTokenType, `application/${accessTokenType}`])

function refuse(reason: string): never {
  throw new AuthError('token_invalid', reason)
}
