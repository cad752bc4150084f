import { describe, expect, onTestFinished, test } from 'vitest'
import { session } from '../testing/shared-database.ts'
import { freshStore, holdRow, waitedFor } from '../testing/stores.ts'
import { openStore } from './database.ts'
import { addMail, dropUnsentMail, takeMail } from './mail.ts'
import { migrate } from './migrations.ts'
import { addOneTimeToken } from './one-time-token.ts'
import { addPendingHook, takePendingHook } from './pending-hook.ts'
import type { OneTimeTokenRow } from './row-types.ts'
import { dropSessions } from './session.ts'
import { beginTry, dropThrottles } from './throttle.ts'
import { addUser, changeEmail, type StoredUser } from './user.ts'

const now = Date.UTC(2026, 0, 1)

function userOf(id: string): StoredUser {
  return {
    id,
    email: `${id}@example.com`,
    name: id,
    roles: [],
    version: 0,
    createdAt: now,
    updatedAt: now,
    signedInAt: null,
    disabledAt: null,
    emailVerifiedAt: null,
    deleteAt: null,
    fields: {},
  }
}

function linkOf(hash: string, of: Partial<OneTimeTokenRow> = {}): OneTimeTokenRow {
  return {
    hash,
    purpose: 'reset_password',
    userId: null,
    email: 'ada@example.com',
    details: null,
    createdAt: now,
    expiresAt: now + 60_000,
    ...of,
  }
}

describe('a statement that waited for another transaction on PostgreSQL', () => {
  async function open() {
    const store = await freshStore('PostgreSQL')
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    await migrate(database)
    return { store, database }
  }

  test('does not delete or wait for a throttle whose window is just beginning again', async () => {
    const { store, database } = await open()
    const delays = { free: 1, firstWaitMs: 1_000, longestWaitMs: 8_000, maxTries: 3, forgottenMs: 60_000 }
    await beginTry(database, { key: 'k', now: now - 60_000, by: 'one' }, delays)
    const other = await holdRow(store, `update throttle set count = 2, "until" = ${now + 60_000}`)
    await dropThrottles(database, now)
    await other.commit()
    expect(await store.query('select count from throttle')).toEqual([{ count: 2 }])
  })

  test('refuses the second of two concurrent changes to the same address', async () => {
    const { store, database } = await open()
    for (const id of ['ada', 'bob']) await addUser(database, userOf(id), 'hash')
    const other = await holdRow(store, `update "user" set email = 'new@example.com' where id = 'ada'`)
    const change = changeEmail(database, 'bob', 'new@example.com', now)
    await other.waitedFor()
    await other.commit()
    expect(await change).toBe(false)
  })

  test.each([
    ['an account', { userId: 'ada' }],
    ['an address without one', {}],
  ])('of two concurrent links for %s, only the later one works', async (_, of) => {
    const { store, database } = await open()
    await addUser(database, userOf('ada'), 'hash')
    let second: Promise<void> | undefined
    await database.transaction().execute(async (transaction) => {
      await addOneTimeToken(transaction, linkOf('first', of))
      second = addOneTimeToken(database, linkOf('second', of))
      await waitedFor(store)
    })
    await second
    expect(await store.query('select hash from one_time_token')).toEqual([{ hash: 'second' }])
  })

  test('skips a mail or hook call that another process is just reserving', async () => {
    const { store, database } = await open()
    const mail = {
      recipient: 'ada@example.com',
      template: 'password_changed',
      details: '',
      createdAt: now,
    } as const
    for (const id of ['first', 'second']) {
      await addMail(database, { ...mail, id })
      await addUser(database, userOf(id), 'hash')
      await addPendingHook(database, id, now)
    }
    const taking = { now, heldUntil: now + 60 }
    const other = await holdRow(
      store,
      `update mail set attempts = 1, "dueAt" = ${now + 60} where id = 'first'`,
    )
    expect(await takeMail(database, taking)).toMatchObject({ id: 'second' })
    await other.commit()
    expect(await takeMail(database, taking)).toBeNull()
    const third = await holdRow(
      store,
      `update pending_hook set "dueAt" = ${now + 60} where "userId" = 'first'`,
    )
    expect(await takePendingHook(database, taking)).toMatchObject({ userId: 'second' })
    await third.commit()
    expect(await takePendingHook(database, taking)).toBeNull()
  })

  test('does not delete a mail that was sent meanwhile with the unsent ones', async () => {
    const { store, database } = await open()
    const mail = {
      recipient: 'ada@example.com',
      template: 'password_changed',
      details: '',
      createdAt: now,
    } as const
    await addMail(database, { ...mail, id: 'old' })
    const other = await holdRow(store, `update mail set state = 'sent', "finishedAt" = ${now + 1}`)
    const sweeping = dropUnsentMail(database, now + 1)
    await other.waitedFor()
    await other.commit()
    expect(await sweeping).toBe(false)
    expect(await store.query('select id from mail')).toEqual([{ id: 'old' }])
  })

  test('skips sessions that another process is just deleting, and deletes at most two hundred at once', async () => {
    const { store, database } = await open()
    await addUser(database, userOf('ada'), 'hash')
    const row = { ...session, userId: 'ada', methods: '[]', expiresAt: now - 1 }
    const many = Array.from({ length: 202 }, (_, at) => ({ ...row, id: `session-${at}` }))
    await database.insertInto('session').values(many).execute()
    const other = await holdRow(store, `delete from session where id = 'session-7'`)
    expect([await dropSessions(database, now), await dropSessions(database, now)]).toEqual([true, false])
    await other.commit()
    expect(await store.query('select id from session')).toEqual([])
  })
})
