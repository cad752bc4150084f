import type { AlgorithmName } from './algorithms.ts'
import { importVerificationKey, type VerificationKey } from './verification-key.ts'

/**
 * The source of a verifier's keys. The default fetches the issuer's JWKS; the auth server passes its own keys.
 *
 * `find` is called at every verification, so that a withdrawn key is refused also for tokens that were verified before. For speed, return
 * the same object for the same key, without a promise if possible. Throw `AuthError('unavailable', …)` if the keys are not available; null
 * means that there is no such key.
 */
export interface KeySet {
  /** Returns the key with this id; null if there is none. */
  find(kid: string): VerificationKey | null | Promise<VerificationKey | null>
  /** Fetches the keys if they have not been fetched. Rejects if this fails now. */
  load(): Promise<void>
}

/** The maximum number of keys, more than any issuer publishes. */
const maximumKeys = 64

/**
 * Reads a JWK set (RFC 7517 section 5) into a map by `kid`; returns null if it is not one. Keys that cannot be trusted are left out. Keys
 * with the same `kid` are left out, too, because it is unknown which one a token means. An unchanged key keeps its object from `previous`.
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
