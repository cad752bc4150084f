import type { AlgorithmName } from './algorithms.ts'
import { importVerificationKey, type VerificationKey } from './verification-key.ts'

/**
 * The source of a verifier's keys. The default source fetches the issuer's JWKS. The auth server passes its own keys.
 *
 * The verifier calls `find` for every token, even if the token is cached. So tokens are refused when their key is no longer published. For
 * speed, return the same object for the same key, and no promise if possible. If the keys are not available, throw
 * `AuthError('unavailable', …)`. If there is no such key, return null.
 */
export interface KeySet {
  /** Returns the key with this id, or null if there is none. */
  find(kid: string): VerificationKey | null | Promise<VerificationKey | null>
  /** Fetches the keys if they have not been fetched yet. Rejects if this attempt fails. */
  load(): Promise<void>
}

/** The maximum number of keys in a set. No issuer publishes as many. */
const maximumKeys = 64

/**
 * Reads a JWK set (RFC 7517 section 5) into a map by `kid`. Returns null if the value is not a JWK set. Keys that cannot be trusted are
 * ignored. If several keys have the same `kid`, all of them are ignored, because it is unknown which one signed a token. If a key has not
 * changed, the map contains its object from `previous`.
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
