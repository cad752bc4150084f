import { describe, expect, test } from 'vitest'
import { ada, bob, now, session, sharedDatabase } from '../testing/shared-database.ts'
import { everyStoreKind } from '../testing/stores.ts'
import { endSomeSessions } from './everything.ts'
import { addSession } from './session.ts'
import { addUser } from './user.ts'

describe.each(everyStoreKind)('on %s', (kind) => {
  const database = sharedDatabase(kind)
  const endSome = () => endSomeSessions(database(), { reason: 'secret_forgotten', now: now + 5 })
  const stored = () =>
    database().selectFrom('session').select(['id', 'endedAt', 'endReason']).orderBy('id').execute()

  test('ends the open sessions of all users, and leaves ended ones unchanged', async () => {
    for (const user of [ada, bob]) await addUser(database(), user, 'hash')
    await addSession(database(), { ...session, id: 'a' })
    await addSession(database(), { ...session, id: 'b', userId: bob.id })
    await addSession(database(), { ...session, id: 'c', endedAt: now, endReason: 'sign_out' })
    expect(await endSome()).toBe(2)
    const ended = { endedAt: now + 5, endReason: 'secret_forgotten' }
    expect(await stored()).toEqual([
      { id: 'a', ...ended },
      { id: 'b', ...ended },
      { id: 'c', endedAt: now, endReason: 'sign_out' },
    ])
    expect(await endSome()).toBe(0)
  })

  test('ends at most 500 at once, until none is left', async () => {
    await addUser(database(), ada, 'hash')
    const row = { ...session, methods: JSON.stringify(session.methods) }
    const many = Array.from({ length: 501 }, (_, at) => ({ ...row, id: `session-${at}` }))
    await database().insertInto('session').values(many).execute()
    expect([await endSome(), await endSome(), await endSome()]).toEqual([500, 1, 0])
  })
})
