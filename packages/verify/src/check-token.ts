import { accessTokenType } from '@sallyport/protocol'
import type { AlgorithmName } from './algorithms.ts'
import { type ClaimRules, readClaims, type VerifiedClaims } from './claims.ts'
import type { KeySet } from './key-set.ts'
import { verifySignedToken } from './signed-token.ts'
import type { VerificationKey } from './verification-key.ts'

/** The claims of a verified token, and the key that verified its signature. */
export type CheckedToken = VerifiedClaims & { key: VerificationKey }

/**
 * Checks a token of Sallyport without the cache. It verifies the signature first, and then checks the claims.
 *
 * @throws AuthError `token_invalid`; `unavailable` if the keys cannot be fetched.
 */
export async function checkToken(
  token: string,
  rules: ClaimRules & { algorithms: readonly AlgorithmName[] },
  keySet: KeySet,
  nowMs: number,
): Promise<CheckedToken> {
  const { payload, key } = await verifySignedToken(
    token,
    { algorithms: rules.algorithms, types: accessTokenTypes },
    keySet,
  )
  return { ...readClaims(payload, rules, nowMs), key }
}

/** If `typ` has no slash, it means `application/` followed by the value (RFC 7515 section 4.1.9). Upper and lower case are equal. */
const accessTokenTypes: ReadonlySet<string> = new Set([accessTokenType, `application/${accessTokenType}`])
