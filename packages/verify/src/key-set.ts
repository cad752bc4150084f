import type { AlgorithmName } from './algorithms.ts'
import { importVerificationKey, type VerificationKey } from './verification-key.ts'

/**
 * Where a verifier gets its keys. The default fetches the issuer's JWKS; the auth server itself passes its own keys.
 *
 * `find` is asked at every verification, so that a withdrawn key counts no longer, not even for tokens that were checked
 * before. Return the same object for the same key, without a promise where you can: that is the fast path. Throw
 * `AuthError('unavailable', …)` when nothing can be said; null means that there is no such key.
 */
export interface KeySet {
  /** The key of this id; null if there is none. */
  find(kid: string): VerificationKey | null | Promise<VerificationKey | null>
  /** Fetches what `find` needs, if it has not been fetched. Rejects if that cannot be done right now. */
  load(): Promise<void>
}

/** More keys than an honest issuer publishes. */
const maximumKeys = 64

/**
 * Reads a JWK set (RFC 7517 section 5) into a map by `kid`, or null if it is not one. A key that cannot be trusted is left
 * out and the others stay. A `kid` that stands there twice belongs to neither: which one a token meant cannot be known.
 * A key that is unchanged keeps its object from `previous`.
 */
export function readKeySet(
  document: unknown,
  allowed: readonly AlgorithmName[],
  previous: ReadonlyMap<string, { jwk: string; key: VerificationKey }>,
): Map<string, { jwk: string; key: VerificationKey }> | null {
  const keys: unknown = (document as { keys?: unknown } | null)?.keys
  if (!Array.isArray(keys) || keys.length > maximumKeys) return null
  const times = new Map<unknown, number>()
  for (const jwk of keys) times.set(jwk?.kid, (times.get(jwk?.kid) ?? 0) + 1)
  const found = new Map<string, { jwk: string; key: VerificationKey }>()
  for (const jwk of keys) {
    const text = JSON.stringify(jwk)
    const known = previous.get(jwk?.kid)
    const key = known?.jwk === text ? known.key : importVerificationKey(jwk, allowed)
    if (key !== null && times.get(key.kid) === 1) found.set(key.kid, { jwk: text, key })
  }
  return found
}
