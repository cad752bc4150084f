import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clockMarginMs,
  dueAt,
  isPublished,
  type KeyTimes,
  keySchedule,
  lastTokenGoneMs,
  signingKeyAt,
  takeoverAt,
} from './key-schedule.ts'

const start = Date.UTC(2026, 0, 1)
const minute = 60_000
const day = 24 * 60 * minute

/** The keys of a whole installation, kept as the server keeps them: what is due is done whenever somebody looks. */
function installation() {
  let keys: KeyTimes[] = []
  let made = 0
  const add = (now: number, activeAt: number) => {
    made += 1
    keys.push({ kid: `key-${made}`, createdAt: now, activeAt, retiredAt: null, revokedAt: null })
  }
  const change = (kid: string | undefined, times: Partial<KeyTimes>) => {
    keys = keys.map((key) => (key.kid === kid ? { ...key, ...times } : key))
  }
  const reserve = (now: number) =>
    keys.find(({ activeAt, revokedAt }) => activeAt > now && revokedAt === null)
  return {
    keys: () => keys,
    look(now: number): void {
      const { additions, retired } = dueAt(keys, now)
      for (const activeAt of additions) add(now, activeAt)
      for (const kid of retired) change(kid, { retiredAt: now })
      // Whoever looks does it once.
      expect(dueAt(keys, now)).toEqual({ additions: [], retired: [] })
    },
    rotate(now: number): void {
      const next = reserve(now)
      if (next) change(next.kid, { activeAt: takeoverAt(next, now) })
    },
    revoke(now: number): void {
      const next = reserve(now)
      change(signingKeyAt(keys, now)?.kid, { revokedAt: now })
      change(next?.kid, { activeAt: now - keySchedule.backdatedMs })
    },
    reserve,
  }
}

type Step = { kind: 'wait' | 'rotate' | 'revoke'; minutes: number }
const steps = fc.array(
  fc.record<Step>({
    kind: fc.constantFrom('wait', 'wait', 'wait', 'wait', 'rotate', 'revoke'),
    minutes: fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: 0, max: 70 * 24 * 60 })),
  }),
  { maxLength: 60 },
)

describe('the schedule of signing keys', () => {
  test('a fresh install gets one that signs now and one in reserve for thirty days later', () => {
    const fresh = installation()
    fresh.look(start)
    expect(fresh.keys().map(({ activeAt }) => activeAt)).toEqual([start, start + keySchedule.signsForMs])
  })

  test('whatever happens, in whatever order: one key signs, it is published, and another is in reserve', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { keys, look, rotate, revoke, reserve } = installation()
        let now = start
        look(now)
        for (const { kind, minutes } of history) {
          now += minutes * minute
          look(now)
          if (kind === 'rotate') rotate(now)
          if (kind === 'revoke') revoke(now)
          look(now)
          const signing = signingKeyAt(keys(), now)
          expect(signing).toMatchObject({ retiredAt: null, revokedAt: null })
          if (!signing) return
          expect(signing.activeAt).toBeLessThanOrEqual(now)
          expect(isPublished(signing, keys(), now)).toBe(true)
          expect(reserve(now)).toBeDefined()
          for (const key of keys())
            if (key.revokedAt !== null) expect(isPublished(key, keys(), now)).toBe(false)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('unless one was compromised, no key signs that was not published for two hours before', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { keys, look, rotate } = installation()
        let now = start
        look(now)
        const first = signingKeyAt(keys(), now)?.kid
        for (const { kind, minutes } of history) {
          // Somebody looks every minute, as every process does; only what happens around the looks counts here.
          now += Math.min(minutes, 31 * 24 * 60) * minute
          look(now)
          if (kind !== 'wait') rotate(now)
          look(now)
          const signing = signingKeyAt(keys(), now)
          if (signing === undefined || signing.kid === first) continue
          expect(now - signing.createdAt).toBeGreaterThanOrEqual(keySchedule.leadMs)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('a key is published until the last token that it can have signed has expired, and not longer', () => {
    const { keys, look } = installation()
    look(start)
    const [first] = keys() as [KeyTimes]
    const takeover = start + keySchedule.signsForMs
    expect(signingKeyAt(keys(), takeover - 1)?.kid).toBe(first.kid)
    expect(signingKeyAt(keys(), takeover)?.kid).not.toBe(first.kid)
    expect(isPublished(first, keys(), takeover + keySchedule.lingerMs - 1)).toBe(true)
    expect(isPublished(first, keys(), takeover + keySchedule.lingerMs)).toBe(false)
  })

  test('after a long sleep the key in reserve has taken over, and there is another', () => {
    const { keys, look, reserve } = installation()
    look(start)
    look(start + 400 * day)
    expect(signingKeyAt(keys(), start + 400 * day)?.createdAt).toBe(start)
    expect(reserve(start + 400 * day)?.activeAt).toBe(start + 400 * day + keySchedule.leadMs)
  })

  test('a second rotation in a row waits until every verifier knows the new key', () => {
    const { keys, look, rotate, reserve } = installation()
    const later = start + day
    look(start)
    rotate(later)
    look(later)
    expect(signingKeyAt(keys(), later)?.createdAt).toBe(start)
    rotate(later)
    expect(reserve(later)?.activeAt).toBe(later + keySchedule.leadMs)
  })

  test('the times, in milliseconds: verifiers count on them', () => {
    expect([clockMarginMs, lastTokenGoneMs]).toEqual([300_000, 3_900_000])
    expect(keySchedule).toEqual({
      signsForMs: 30 * day,
      leadMs: 120 * minute,
      lingerMs: 65 * minute,
      revokedForMs: 8 * day,
      backdatedMs: minute,
    })
  })

  const key = (kid: string, activeAt: number, change: Partial<KeyTimes> = {}): KeyTimes => ({
    kid,
    createdAt: start,
    activeAt,
    retiredAt: null,
    revokedAt: null,
    ...change,
  })

  test('the newest whose time has come signs; of two at one time, the same one everywhere; none that has gone', () => {
    const signing = (...keys: KeyTimes[]) => signingKeyAt(keys, start)?.kid
    expect(signing()).toBeUndefined()
    expect(signing(key('b', start - 1), key('a', start), key('c', start + 1))).toBe('a')
    expect(signing(key('b', start), key('a', start))).toBe('b')
    expect(signing(key('a', start), key('b', start))).toBe('b')
    expect(signing(key('a', start - 1), key('b', start, { revokedAt: start }))).toBe('a')
    expect(signing(key('a', start - 1), key('b', start, { retiredAt: start }))).toBe('a')
    // On the first day, where the clock of another process is ahead.
    expect(signing(key('b', start + 2), key('a', start + 1))).toBe('a')
  })

  test('nothing is published that was revoked or retired; a successor that was revoked ends nothing', () => {
    const later = start + day
    const old = key('a', start)
    const published = (one: KeyTimes, ...others: KeyTimes[]) => isPublished(one, [one, ...others], later)
    expect(published(old)).toBe(true)
    expect(published(key('a', start, { revokedAt: start }))).toBe(false)
    expect(published(key('a', start, { retiredAt: start }))).toBe(false)
    expect(published(old, key('b', later - keySchedule.lingerMs))).toBe(false)
    expect(published(old, key('b', later - keySchedule.lingerMs + 1))).toBe(true)
    expect(published(old, key('b', later - keySchedule.lingerMs, { revokedAt: start }))).toBe(true)
    expect(published(key('b', start + 1), old)).toBe(true)
  })

  test('what is due: a first key at once, one in reserve in time, and the end of what is published no more', () => {
    const due = (now: number, ...keys: KeyTimes[]) => dueAt(keys, now)
    expect(due(start)).toEqual({ additions: [start, start + keySchedule.signsForMs], retired: [] })
    expect(due(start, key('a', start))).toEqual({ additions: [start + keySchedule.signsForMs], retired: [] })
    // Counted from the one that signs now, not from the one before it.
    for (const after of [0, 1])
      expect(due(start + 29 * day + after, key('a', start), key('b', start + 29 * day)).additions).toEqual([
        start + 59 * day,
      ])
    const late = start + keySchedule.signsForMs - minute
    expect(due(late, key('a', start)).additions).toEqual([late + keySchedule.leadMs])
    expect(due(start, key('a', start), key('b', start + 1)).additions).toEqual([])
    expect(due(start, key('a', start), key('b', start)).additions).toHaveLength(1)
    // The first one's time is still to come here: what comes after it is the reserve.
    expect(due(start, key('a', start + 1)).additions).toEqual([start + 1 + keySchedule.signsForMs])
    expect(due(start, key('a', start + 1), key('b', start + 2)).additions).toEqual([])
    const over = [key('a', start), key('b', start + minute), key('c', start + 9 * day)] as const
    expect(due(start + minute + keySchedule.lingerMs, ...over).retired).toEqual(['a'])
  })

  test('the reserve takes over at its time, or before, once verifiers have known it for long enough', () => {
    const planned = start + 30 * day
    const at = (now: number, createdAt = start) => takeoverAt(key('b', planned, { createdAt }), now)
    expect(at(start)).toBe(start + keySchedule.leadMs)
    expect(at(start + keySchedule.leadMs + 1)).toBe(start + keySchedule.leadMs + 1)
    expect(at(planned + 1)).toBe(planned)
    // Made in the future, before the clock was put back: made now.
    expect(at(start, start + day)).toBe(start + keySchedule.leadMs)
  })
})
