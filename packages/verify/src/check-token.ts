import { accessTokenType } from '@sallyport/protocol'
import type { AlgorithmName } from './algorithms.ts'
import { type ClaimRules, readClaims, type VerifiedClaims } from './claims.ts'
import type { KeySet } from './key-set.ts'
import { verifySignedToken } from './signed-token.ts'
import type { VerificationKey } from './verification-key.ts'

/** The claims of a checked token, and the key that it was checked with. */
export type CheckedToken = VerifiedClaims & { key: VerificationKey }

/**
 * Checks a token of Sallyport from scratch: its signature, and only then the claims.
 *
 * @throws AuthError `token_invalid`; `unavailable` when the keys cannot be fetched.
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

/** A media type without a slash stands for `application/` and itself (RFC 7515 section 4.1.9); case does not count. */
const accessTokenTypes: ReadonlySet<string> = new Set([accessTokenType, `application/${accessTokenType}`])
