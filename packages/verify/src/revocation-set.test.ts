import { describe, expect, test } from 'vitest'
import { type RevocationEntry, RevocationSet } from './revocation-set.ts'

const holder = { sessionId: 'session-1', userId: 'user-1', version: 3, keyId: 'key-1' }

describe('RevocationSet', () => {
  test('an ended session wins over a stale version', () => {
    const set = new RevocationSet(() => 0)
    expect(set.findRefusal(holder)).toBeNull()
    set.add({ sub: 'user-1', minVersion: 4, until: 10 })
    expect(set.findRefusal(holder)).toBe('token_stale')
    expect(set.findRefusal({ ...holder, version: 4 })).toBeNull()
    set.add({ sid: 'session-1', until: 10 })
    expect(set.findRefusal(holder)).toBe('session_ended')
  })

  test('tokens of a compromised key are stale, and their session is not affected', () => {
    const set = new RevocationSet(() => 0)
    set.add({ kid: 'key-1', until: 10 })
    expect(set.findRefusal(holder)).toBe('token_stale')
    expect(set.findRefusal({ ...holder, keyId: 'key-2' })).toBeNull()
    set.add({ sid: 'session-1', until: 10 })
    expect(set.findRefusal(holder)).toBe('session_ended')
  })

  test('a later entry never weakens an earlier one', () => {
    const set = new RevocationSet(() => 0)
    set.add({ sub: 'user-1', minVersion: 4, until: 10 })
    set.add({ sub: 'user-1', minVersion: 2, until: 5 })
    expect(set.findRefusal(holder)).toBe('token_stale')
  })

  test.each<[string, RevocationEntry, RevocationEntry]>([
    ['a session', { sid: 'session-1', until: 10 }, { sid: 'session-1', until: 5 }],
    ['a key', { kid: 'key-1', until: 10 }, { kid: 'key-1', until: 5 }],
    ['a user', { sub: 'user-1', minVersion: 4, until: 10 }, { sub: 'user-1', minVersion: 4, until: 5 }],
  ])('%s stays refused until the later end of two entries, in either order', (_, long, short) => {
    for (const entries of [
      [long, short],
      [short, long],
    ]) {
      let time = 0
      const set = new RevocationSet(() => time)
      for (const entry of entries) set.add(entry)
      expect(set.size).toBe(1)
      time = 9
      set.dropEnded()
      expect(set.findRefusal(holder)).not.toBeNull()
      time = 10
      set.dropEnded()
      expect(set.findRefusal(holder)).toBeNull()
    }
  })

  test('its size counts sessions, users and keys', () => {
    const set = new RevocationSet(() => 0)
    set.add({ sid: 'session-1', until: 10 })
    set.add({ sub: 'user-1', minVersion: 1, until: 10 })
    set.add({ sub: 'user-2', minVersion: 1, until: 10 })
    for (let key = 0; key < 4; key += 1) set.add({ kid: `key-${key}`, until: 10 })
    expect(set.size).toBe(7)
  })

  test('one call of dropEnded checks a thousand entries, or a twentieth if that is more', () => {
    const droppedOf = (held: number) => {
      let time = 0
      const set = new RevocationSet(() => time)
      for (let index = 0; index < held; index += 1) set.add({ sid: `session-${index}`, until: 10 })
      time = 10
      set.dropEnded()
      return held - set.size
    }
    expect(droppedOf(3000)).toBe(1000)
    expect(droppedOf(40_000)).toBe(2000)
  })

  test('expired entries are dropped as others are added, in any order [D06]', () => {
    let time = 0
    const set = new RevocationSet(() => time)
    set.add({ sid: 'long', until: 1_000_000 })
    for (let index = 0; index < 100_000; index += 1) {
      time = index
      set.add(
        index % 2
          ? { sid: `session-${index}`, until: index + 100 }
          : { sub: `user-${index}`, minVersion: 1, until: index + 100 },
      )
    }
    expect(set.size).toBeLessThan(1000)
    expect(set.findRefusal({ ...holder, sessionId: 'long' })).toBe('session_ended')
  })

  test('dropEnded drops expired entries and no others', () => {
    let time = 0
    const set = new RevocationSet(() => time)
    for (let index = 0; index < 5_000; index += 1) set.add({ sid: `session-${index}`, until: 10 })
    set.add({ sid: 'session-1', until: 20 })
    set.add({ kid: 'key-1', until: 10 })
    time = 10
    for (let call = 0; call < 20; call += 1) set.dropEnded()
    expect(set.size).toBe(1)
    expect(set.findRefusal({ ...holder, sessionId: 'session-1', keyId: 'key-1' })).toBe('session_ended')
  })

  test.each([
    { sid: undefined, until: 10 },
    { sid: '', until: 10 },
    { kid: 7, until: 10 },
    { kid: '', until: 10 },
    { sub: '', minVersion: 1, until: 10 },
    { sub: 'user-1', minVersion: 1.5, until: 10 },
    { until: 10 },
    { session: 'session-1', until: 10 },
    { sid: 'session-1' },
    { sid: 'session-1', until: Number.NaN },
    { sid: 'session-1', until: '2026-12-01' },
    { sub: 'user-1', until: 10 },
    { sub: 'user-1', minVersion: Number.NaN, until: 10 },
  ])('refuses an entry without a name or an end with a TypeError: %j', (entry) => {
    const set = new RevocationSet(() => 0)
    expect(() => set.add(entry as unknown as RevocationEntry)).toThrow(TypeError)
    expect(set.size).toBe(0)
  })

  test('an entry that has already expired is not added', () => {
    const set = new RevocationSet(() => 100)
    set.add({ sid: 'session-1', until: 100 })
    expect(set.size).toBe(0)
    for (let index = 0; index < 50; index += 1) set.add({ sid: `live-${index}`, until: 101 })
    set.add({ sid: 'session-1', until: 100 })
    expect(set.size).toBe(50)
    expect(set.findRefusal(holder)).toBeNull()
  })

  test('it is always current', async () => {
    const set = new RevocationSet()
    expect(set.isCurrent()).toBe(true)
    await expect(set.load()).resolves.toBeUndefined()
    set.start()
    set.close()
    set.add({ sid: 'session-1', until: Date.now() + 60_000 })
    expect(set.isCurrent()).toBe(true)
    expect(set.findRefusal(holder)).toBe('session_ended')
  })
})
