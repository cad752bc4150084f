import { describe, expect, test } from 'vitest'
import { now, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import { addRevocation, dropRevocations, lastRevocation, readRevocations } from './revocation.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  const read = (after: number, limit = 10, at = now) => readRevocations(database(), { after, now: at, limit })

  test('reads revocations of each kind in pages, oldest first, until they expire', async () => {
    expect(await lastRevocation(database())).toBe(0)
    const facts = [
      { sid: 'session-1', until: now + 60 },
      { sub: 'user-1', minVersion: 4, until: now + 1 },
      { kid: 'key-1', until: now + 60 },
      { sub: 'user-2', minVersion: 0, until: now + 60 },
    ]
    const entries: ({ seq: number } & (typeof facts)[number])[] = []
    for (const fact of facts) entries.push({ seq: await addRevocation(database(), fact), ...fact })
    const [first = { seq: 0 }, second, third, fourth = { seq: 0 }] = entries
    expect(fourth.seq - first.seq).toBe(3)
    expect(await read(0)).toEqual(entries)
    expect(await read(first.seq)).toEqual([second, third, fourth])
    expect(await read(first.seq, 2)).toEqual([second, third])
    expect(await read(0, 10, now + 1)).toEqual([first, third, fourth])
    expect(await lastRevocation(database())).toBe(fourth.seq)
    expect(await dropRevocations(database(), now + 1)).toBe(false)
    expect(await read(0)).toEqual([first, third, fourth])
    expect(await dropRevocations(database(), now + 60)).toBe(false)
    expect(await lastRevocation(database())).toBe(0)
  })
})
