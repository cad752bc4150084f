import { longestAccessTokenLifeSeconds } from '@sallyport/protocol'

/** The times of a signing key, in milliseconds. A time is null if the event has not happened. */
export type KeyTimes = {
  kid: string
  createdAt: number
  activeAt: number
  retiredAt: number | null
  revokedAt: number | null
}

const minute = 60_000
const hour = 60 * minute

/**
 * Milliseconds. This margin covers differences between the clocks of processes and verifiers, and the delay between issuing and signing a
 * token.
 */
export const clockMarginMs = 5 * minute

/**
 * Milliseconds after which every access token that has been issued up to now has expired, whatever the settings of the process that issued
 * it.
 */
export const lastTokenGoneMs = longestAccessTokenLifeSeconds * 1000 + clockMarginMs

/**
 * The times in the life of a signing key. There is always one key that signs, and one reserve key, which signs next. The reserve key is
 * published when it is created. So every verifier has received the reserve key before this key signs, and the reserve key can immediately
 * replace a compromised key.
 */
export const keySchedule = {
  /** A key signs for thirty days. */
  signsForMs: 30 * 24 * hour,
  /**
   * A key is published at least this long before it signs. A verifier that can reach the server fetches the keys again when its copy is
   * five minutes old, or `jwksCooldownSeconds` old if this is longer. The maximum of `jwksCooldownSeconds` is one hour. So every such
   * verifier has received a new key after one hour.
   */
  leadMs: 2 * hour,
  /** A key stays published this long after its last signature. */
  lingerMs: lastTokenGoneMs,
  /**
   * The revocation of a key is stored for this long. A verifier that cannot reach the server may use old keys for at most one week, which
   * is shorter.
   */
  revokedForMs: 8 * 24 * hour,
  /** If a key must sign immediately, its start is set this far into the past. So processes with a slow clock also use the key. */
  backdatedMs: minute,
} as const

/**
 * Returns the key that signs: the newest active key. If no key is active yet because clocks differ, returns the key that becomes active
 * first.
 */
export function signingKeyAt<K extends KeyTimes>(keys: readonly K[], now: number): K | undefined {
  const usable = usableOf(keys)
  return usable.findLast(({ activeAt }) => activeAt <= now) ?? usable[0]
}

/** Returns whether verifiers must accept this key: from the creation of the key until the last token that it signed has expired. */
export function isPublished(key: KeyTimes, keys: readonly KeyTimes[], now: number): boolean {
  if (key.revokedAt !== null || key.retiredAt !== null) return false
  const successor = usableOf(keys).find(({ activeAt }) => activeAt > key.activeAt)
  return successor === undefined || now < successor.activeAt + keySchedule.lingerMs
}

/** Returns what must be done now: the start times of the keys to add, and the keys to retire because their last token has expired. */
export function dueAt(keys: readonly KeyTimes[], now: number): { additions: number[]; retired: string[] } {
  const usable = usableOf(keys)
  const current = usable.findLast(({ activeAt }) => activeAt <= now)
  const currentAt = current?.activeAt ?? usable[0]?.activeAt ?? now
  const additions: number[] = []
  if (usable.length === 0) additions.push(now)
  if (!usable.some(({ activeAt }) => activeAt > Math.max(now, currentAt)))
    additions.push(Math.max(currentAt + keySchedule.signsForMs, now + keySchedule.leadMs))
  return {
    additions,
    retired: usable.filter((key) => !isPublished(key, keys, now)).map(({ kid }) => kid),
  }
}

/**
 * Returns when the reserve key can begin to sign. If every verifier has received the key, this is now. Otherwise it is the time at which
 * every verifier will have received the key. If the clock was set back, the creation of the key can be in the future. The key then counts
 * as created now.
 */
export function takeoverAt(reserve: KeyTimes, now: number): number {
  return Math.min(reserve.activeAt, Math.max(now, Math.min(now, reserve.createdAt) + keySchedule.leadMs))
}

/** Returns the keys that are neither retired nor revoked, oldest first. */
function usableOf<K extends KeyTimes>(keys: readonly K[]): K[] {
  return keys
    .filter(({ retiredAt, revokedAt }) => retiredAt === null && revokedAt === null)
    .sort((one, other) => one.activeAt - other.activeAt || (one.kid < other.kid ? -1 : 1))
}
