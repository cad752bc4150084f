import { longestAccessTokenLifeSeconds } from '@sallyport/protocol'

/** The times of a signing key, in milliseconds; null where that has not come. */
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
 * How far the clocks of the processes and of the verifiers may differ, together, and how late a token may be signed that was decided on
 * before. Milliseconds.
 */
export const clockMarginMs = 5 * minute

/** Milliseconds until no access token can be alive that any process has issued by now, whatever its setting was. */
export const lastTokenGoneMs = longestAccessTokenLifeSeconds * 1000 + clockMarginMs

/**
 * The life of a signing key. There is always one that signs and one in reserve, which is published from the day
 * it is made: so every verifier knows it long before its first signature, and a compromised key can be replaced at once.
 */
export const keySchedule = {
  /** A key signs for thirty days. */
  signsForMs: 30 * 24 * hour,
  /** Published at least so long before it signs. A verifier's cache is an hour old at most (its cool-down; max-age is five minutes). */
  leadMs: 2 * hour,
  /** Published so long after its last signature. */
  lingerMs: lastTokenGoneMs,
  /** A compromised key is named to verifiers for longer than one may go on with old keys while it cannot reach us (a week). */
  revokedForMs: 8 * 24 * hour,
  /** A key that must sign at once is dated back by so much, so that a process whose clock is behind uses it too. */
  backdatedMs: minute,
} as const

/** The key that signs: the newest whose time has come. Where clocks differ on the first day, the one whose time comes first. */
export function signingKeyAt<K extends KeyTimes>(keys: readonly K[], now: number): K | undefined {
  const usable = usableOf(keys)
  return usable.findLast(({ activeAt }) => activeAt <= now) ?? usable[0]
}

/** Whether verifiers are to accept this key's signatures: from its making until its last token has expired. */
export function isPublished(key: KeyTimes, keys: readonly KeyTimes[], now: number): boolean {
  if (key.revokedAt !== null || key.retiredAt !== null) return false
  const successor = usableOf(keys).find(({ activeAt }) => activeAt > key.activeAt)
  return successor === undefined || now < successor.activeAt + keySchedule.lingerMs
}

/** What is to be done now: the times at which new keys shall begin to sign, and the keys whose last token has expired. */
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
 * When the key in reserve can take over: now, unless it was made so lately that a verifier may not know it. One that was made in the
 * future, before the clock was put back, counts as made now.
 */
export function takeoverAt(reserve: KeyTimes, now: number): number {
  return Math.min(reserve.activeAt, Math.max(now, Math.min(now, reserve.createdAt) + keySchedule.leadMs))
}

/** Neither retired nor revoked; oldest first. */
function usableOf<K extends KeyTimes>(keys: readonly K[]): K[] {
  return keys
    .filter(({ retiredAt, revokedAt }) => retiredAt === null && revokedAt === null)
    .sort((one, other) => one.activeAt - other.activeAt || (one.kid < other.kid ? -1 : 1))
}
