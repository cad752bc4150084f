import { longestAccessTokenLifeSeconds } from '@sallyport/protocol'

/** The times of a signing key, in milliseconds; null if the event has not happened. */
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
 * Tolerance for differences between the clocks of processes and verifiers, and for the delay between issuing and signing a token.
 * Milliseconds.
 */
export const clockMarginMs = 5 * minute

/** Milliseconds until every access token that any process has issued by now has expired, under any setting. */
export const lastTokenGoneMs = longestAccessTokenLifeSeconds * 1000 + clockMarginMs

/**
 * The times in the life of a signing key. There is always one signing key and one reserve key. The reserve key is published when it is
 * created, so every verifier knows it before its first signature, and it can replace a compromised key at once.
 */
export const keySchedule = {
  /** A key signs for thirty days. */
  signsForMs: 30 * 24 * hour,
  /** A key is published at least this long before it signs. A verifier's cache is at most an hour old (its cool-down; max-age is five minutes). */
  leadMs: 2 * hour,
  /** A key stays published this long after its last signature. */
  lingerMs: lastTokenGoneMs,
  /** A revocation of a key is kept longer than a verifier may use old keys while it cannot reach the server (a week). */
  revokedForMs: 8 * 24 * hour,
  /** A key that must sign at once is backdated by this, so that processes with a slow clock use it, too. */
  backdatedMs: minute,
} as const

/** Returns the signing key: the newest active one. If none is active yet because clocks differ, the one that becomes active first. */
export function signingKeyAt<K extends KeyTimes>(keys: readonly K[], now: number): K | undefined {
  const usable = usableOf(keys)
  return usable.findLast(({ activeAt }) => activeAt <= now) ?? usable[0]
}

/** Whether verifiers must accept this key: from its creation until its last token has expired. */
export function isPublished(key: KeyTimes, keys: readonly KeyTimes[], now: number): boolean {
  if (key.revokedAt !== null || key.retiredAt !== null) return false
  const successor = usableOf(keys).find(({ activeAt }) => activeAt > key.activeAt)
  return successor === undefined || now < successor.activeAt + keySchedule.lingerMs
}

/** Returns what is due now: when new keys begin to sign, and the keys whose last token has expired. */
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
 * Returns when the reserve key can take over: now, or when every verifier knows it if it is newer. A key that was made in the future, before
 * the clock was put back, counts as made now.
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
