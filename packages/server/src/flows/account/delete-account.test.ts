import { paths } from '@sallyport/protocol/endpoints'
import type { Kysely } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../store/database.ts'
import * as deletedAccounts from '../../store/migrations/2026-11-29-deleted-accounts.ts'
import { bearer, frozenClock, password, startSallyport } from '../../testing/sallyport.ts'
import { freshStore, holdRow, storeKinds } from '../../testing/stores.ts'

const dayS = 86_400
const email = 'ada@example.com'

type Line = {
  action: string
  userId: string
  address: string | null
  userAgent: string | null
  requestId: string | null
}

describe.each(storeKinds)('on %s', (kind) => {
  async function started() {
    const store = await freshStore(kind)
    const server = await startSallyport(store.options, frozenClock())
    const { id } = await server.addUser()
    const request = (method: string, path: string, body: object, headers: Record<string, string> = {}) =>
      server.fetch(
        path,
        {
          method,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'canary-browser',
            'x-request-id': 'canary-request',
            ...headers,
          },
          body: JSON.stringify(body),
        },
        '203.0.113.7',
      )
    const signIn = async () => {
      const answer = await request('POST', paths.signIn, { email, password, transport: 'bearer' })
      expect(answer.status).toBe(200)
      return ((await answer.json()) as { accessToken: string }).accessToken
    }
    const askForDeletion = async () => {
      const answer = await request('DELETE', paths.readProfile, { password }, bearer(await signIn()))
      expect(answer.status).toBe(202)
    }
    const lines = () => store.query<Line>(`select * from audit_event where "userId" = '${id}' order by id`)
    const mails = async () =>
      (await store.query<{ recipient: string }>('select recipient from mail order by id')).map(
        ({ recipient }) => recipient,
      )
    return { store, server, id, request, signIn, askForDeletion, lines, mails }
  }

  test('the deletion of an account removes network address and device from its audit events only', async () => {
    const { server, request, askForDeletion, lines, store } = await started()
    await server.addUser('bob@example.com')
    await request('POST', paths.signIn, { email: 'bob@example.com', password, transport: 'bearer' })
    await askForDeletion()
    const before = await lines()
    expect(before.filter(({ address }) => address === '203.0.113.7').length).toBeGreaterThan(1)
    server.clock.advance(14 * dayS)
    await server.sallyport.upkeep()
    const after = await lines()
    expect(after.map(({ action }) => action)).toEqual([
      ...before.map(({ action }) => action),
      'account_deleted',
    ])
    expect(JSON.stringify(after)).not.toMatch(/203\.0\.113\.7|canary/)
    const others = await store.query<Line>(
      `select * from audit_event where action = 'sign_in' and address is not null`,
    )
    expect(others).toMatchObject([{ address: '203.0.113.7', userAgent: 'canary-browser' }])
  })

  test('also removes them from an event that a request added during the deletion', async () => {
    const { server, askForDeletion, lines, store, id } = await started()
    await askForDeletion()
    server.clock.advance(14 * dayS)
    await server.sallyport.upkeep()
    const [line] = await lines()
    await store.query(
      `insert into audit_event (id, at, action, result, "userId", address, "userAgent", "requestId")
       values ('${'f'.repeat(36)}', ${server.clock()}, 'sign_in', 'refused', '${id}', '203.0.113.7', 'canary-browser', 'canary-request')`,
    )
    server.clock.advance(60)
    await server.sallyport.upkeep()
    expect(line).toBeDefined()
    expect(JSON.stringify(await lines())).not.toMatch(/203\.0\.113\.7|canary/)
  })

  test('the migration empties the audit events of accounts that an earlier version deleted', async () => {
    const { store, server, request, lines } = await started()
    await request('POST', paths.signIn, { email, password, transport: 'bearer' })
    const { id } = await server.addUser('bob@example.com')
    await request('POST', paths.signIn, { email: 'bob@example.com', password, transport: 'bearer' })
    await store.query(`delete from "user" where id = '${id}'`)
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    await deletedAccounts.up(database as unknown as Kysely<unknown>)
    const gone = await store.query<Line>(`select * from audit_event where "userId" = '${id}'`)
    expect(gone.length).toBeGreaterThan(0)
    expect(JSON.stringify(gone)).not.toMatch(/203\.0\.113\.7|canary/)
    expect(JSON.stringify(await lines())).toContain('canary-browser')
  })

  test('the deletion of an account deletes the mails to it, and no others', async () => {
    const { server, askForDeletion, mails, store } = await started()
    await server.addUser('bob@example.com')
    await askForDeletion()
    expect(await mails()).toEqual([email])
    server.clock.advance(14 * dayS - 60)
    // Mails that wait because the mail server was unreachable for long.
    for (const to of [email, 'bob@example.com'])
      await store.query(
        `insert into mail (id, recipient, template, details, state, attempts, "createdAt", "dueAt") values ('to ${to}', '${to}', 'password_changed', 'x', 'due', 0, ${server.clock()}, ${server.clock()})`,
      )
    server.clock.advance(60)
    await server.sallyport.upkeep()
    expect(await mails()).toEqual(['bob@example.com'])
  })

  test('deletes all accounts that are due in one pass, and no others [A19]', async () => {
    const { store, server, id } = await started()
    const more = await Promise.all(
      Array.from({ length: 41 }, (_, index) => server.addUser(`due-${index}@example.com`)),
    )
    await store.query(`update "user" set "deleteAt" = ${server.clock()} where id <> '${id}'`)
    await store.query(`update "user" set "deleteAt" = ${server.clock() + 1} where id = '${id}'`)
    expect(more).toHaveLength(41)
    await server.sallyport.upkeep()
    expect(await store.query('select id from "user"')).toEqual([{ id }])
  })

  test('without a mail server, deletes mails and the links in them after two days', async () => {
    const { server, request, mails } = await started()
    await request('POST', paths.forgotPassword, { email })
    const waiting = async () => (await mails()).filter((recipient) => recipient !== '')
    expect(await waiting()).toEqual([email])
    server.clock.advance(2 * dayS)
    await server.sallyport.upkeep()
    expect(await waiting()).toEqual([email])
    server.clock.advance(1)
    await server.sallyport.upkeep()
    expect(await waiting()).toEqual([])
  })
})

describe('a transaction that waits for a row on PostgreSQL uses the new state of the row', () => {
  async function started() {
    const store = await freshStore('PostgreSQL')
    const server = await startSallyport(store.options, frozenClock())
    const { id } = await server.addUser()
    const deleteAt = async () => {
      const [row] = await store.query<{ deleteAt: number | null }>(`select "deleteAt" from "user"`)
      return row?.deleteAt
    }
    return { store, server, id, deleteAt }
  }

  test('an upkeep that waited does not delete an account whose owner has just signed in', async () => {
    const { store, server, id, deleteAt } = await started()
    await store.query(`update "user" set "deleteAt" = ${server.clock()}`)
    // A sign-in that is not committed yet.
    const other = await holdRow(store, `update "user" set "deleteAt" = null where id = '${id}'`)
    const upkeep = server.sallyport.upkeep()
    await other.waitedFor()
    await other.commit()
    await upkeep
    expect(await deleteAt()).toBeNull()
    await server.signIn()
  })

  test('a sign-in that waited for the deletion request keeps the account', async () => {
    const { store, server, id, deleteAt } = await started()
    const other = await holdRow(
      store,
      `update "user" set "deleteAt" = ${server.clock() + 1} where id = '${id}'`,
    )
    const signIn = server.signIn()
    await other.waitedFor()
    await other.commit()
    await signIn
    expect(await deleteAt()).toBeNull()
    const kept = await store.query(`select 1 from audit_event where action = 'account_kept'`)
    expect(kept).toHaveLength(1)
  })
})
