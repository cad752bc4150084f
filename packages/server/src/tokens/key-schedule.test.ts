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

/** The keys of an installation, managed as the server does: each look does what is due. */
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
      // Nothing is due a second time.
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
  test('a new database gets a signing key and a reserve key for thirty days later', () => {
    const fresh = installation()
    fresh.look(start)
    expect(fresh.keys().map(({ activeAt }) => activeAt)).toEqual([start, start + keySchedule.signsForMs])
  })

  test('after any events in any order, one published key signs and another is in reserve', () => {
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

  test('no key signs before it was published for two hours, unless one was revoked', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { keys, look, rotate } = installation()
        let now = start
        look(now)
        const first = signingKeyAt(keys(), now)?.kid
        for (const { kind, minutes } of history) {
          // Each process looks every minute; here, only the times around other events matter.
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

  test('a key is published exactly until the last token that it can have signed has expired', () => {
    const { keys, look } = installation()
    look(start)
    const [first] = keys() as [KeyTimes]
    const takeover = start + keySchedule.signsForMs
    expect(signingKeyAt(keys(), takeover - 1)?.kid).toBe(first.kid)
    expect(signingKeyAt(keys(), takeover)?.kid).not.toBe(first.kid)
    expect(isPublished(first, keys(), takeover + keySchedule.lingerMs - 1)).toBe(true)
    expect(isPublished(first, keys(), takeover + keySchedule.lingerMs)).toBe(false)
  })

  test('after a long pause, the reserve key takes over and another one is added', () => {
    const { keys, look, reserve } = installation()
    look(start)
    look(start + 400 * day)
    expect(signingKeyAt(keys(), start + 400 * day)?.createdAt).toBe(start)
    expect(reserve(start + 400 * day)?.activeAt).toBe(start + 400 * day + keySchedule.leadMs)
  })

  test('a second rotation in succession waits until every verifier knows the new key', () => {
    const { keys, look, rotate, reserve } = installation()
    const later = start + day
    look(start)
    rotate(later)
    look(later)
    expect(signingKeyAt(keys(), later)?.createdAt).toBe(start)
    rotate(later)
    expect(reserve(later)?.activeAt).toBe(later + keySchedule.leadMs)
  })

  test('has the times in milliseconds on which verifiers depend', () => {
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

  test('the newest active key signs; of two with the same time, the same one everywhere; none that is retired', () => {
    const signing = (...keys: KeyTimes[]) => signingKeyAt(keys, start)?.kid
    expect(signing()).toBeUndefined()
    expect(signing(key('b', start - 1), key('a', start), key('c', start + 1))).toBe('a')
    expect(signing(key('b', start), key('a', start))).toBe('b')
    expect(signing(key('a', start), key('b', start))).toBe('b')
    expect(signing(key('a', start - 1), key('b', start, { revokedAt: start }))).toBe('a')
    expect(signing(key('a', start - 1), key('b', start, { retiredAt: start }))).toBe('a')
    // On the first day, with the clock of another process ahead.
    expect(signing(key('b', start + 2), key('a', start + 1))).toBe('a')
  })

  test('revoked and retired keys are not published; a revoked successor does not end a key', () => {
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

  test('due are a first key at once, a reserve key in time, and the retirement of keys no longer published', () => {
    const due = (now: number, ...keys: KeyTimes[]) => dueAt(keys, now)
    expect(due(start)).toEqual({ additions: [start, start + keySchedule.signsForMs], retired: [] })
    expect(due(start, key('a', start))).toEqual({ additions: [start + keySchedule.signsForMs], retired: [] })
    // Counted from the current signing key, not from its predecessor.
    for (const after of [0, 1])
      expect(due(start + 29 * day + after, key('a', start), key('b', start + 29 * day)).additions).toEqual([
        start + 59 * day,
      ])
    const late = start + keySchedule.signsForMs - minute
    expect(due(late, key('a', start)).additions).toEqual([late + keySchedule.leadMs])
    expect(due(start, key('a', start), key('b', start + 1)).additions).toEqual([])
    expect(due(start, key('a', start), key('b', start)).additions).toHaveLength(1)
    // The first key is not active yet: the key after it is the reserve.
    expect(due(start, key('a', start + 1)).additions).toEqual([start + 1 + keySchedule.signsForMs])
    expect(due(start, key('a', start + 1), key('b', start + 2)).additions).toEqual([])
    const over = [key('a', start), key('b', start + minute), key('c', start + 9 * day)] as const
    expect(due(start + minute + keySchedule.lingerMs, ...over).retired).toEqual(['a'])
  })

  test('the reserve key can take over early once every verifier knows it', () => {
    const planned = start + 30 * day
    const at = (now: number, createdAt = start) => takeoverAt(key('b', planned, { createdAt }), now)
    expect(at(start)).toBe(start + keySchedule.leadMs)
    expect(at(start + keySchedule.leadMs + 1)).toBe(start + keySchedule.leadMs + 1)
    expect(at(planned + 1)).toBe(planned)
    // A key made in the future, before the clock was put back, counts as made now.
    expect(at(start, start + day)).toBe(start + keySchedule.leadMs)
  })
})
