import { randomBytes } from 'node:crypto'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../store/database.ts'
import { startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'
import { newId } from '../../tokens/id.ts'
import { purge } from './purge.ts'

const dayMs = 86_400_000

describe.each(storeKinds)('on %s', (kind) => {
  async function started(sessions: number) {
    const store = await freshStore(kind)
    const server = await startSallyport(store.options)
    const { id } = await server.addUser()
    const now = server.clock()
    const values = Array.from(
      { length: sessions },
      (_, index) =>
        `('s${index}', '${id}', 'x', 0, -1, 1, ${now}, '["pwd"]', ${now}, ${now}, ${now}, ${now + index * dayMs})`,
    )
    if (sessions > 0)
      await store.query(
        `insert into session (id, "userId", salt, generation, "parentBranch", branches, "openedAt", methods, "authenticatedAt", "createdAt", "lastUsedAt", "expiresAt") values ${values.join()}`,
      )
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    const left = async () =>
      (await store.query<{ id: string }>('select id from session order by id')).map((row) => row.id)
    return {
      server,
      store,
      left,
      run: () => purge({ database, clock: server.clock, config: server.sallyport.config }),
    }
  }

  test('deletes sessions thirty days after their end, and not before [R08]', async () => {
    const { server, store, left, run } = await started(3)
    await store.query(`update session set "endedAt" = ${server.clock()} where id = 's2'`)
    server.clock.advance(30 * 86_400)
    await run()
    expect(await left()).toEqual(['s0', 's1', 's2'])
    server.clock.now += 1
    await run()
    expect(await left()).toEqual(['s1'])
    server.clock.advance(86_400)
    await run()
    expect(await left()).toEqual([])
  })

  test('deletes more than one step holds, and answers requests between the steps [R08]', async () => {
    const { server, left, run } = await started(1_000)
    server.clock.advance(2_000 * 86_400)
    const purging = run()
    let isDone = false
    const done = purging.then(() => {
      isDone = true
    })
    expect((await server.get('/healthz')).status).toBe(200)
    expect(isDone).toBe(false)
    await done
    expect(await left()).toEqual([])
  })

  test('deletes everything when several processes purge at once', async () => {
    const { server, left, run } = await started(1_000)
    server.clock.advance(2_000 * 86_400)
    await Promise.all(kind === 'SQLite' ? [run()] : [run(), run(), run()])
    expect(await left()).toEqual([])
  })

  test('deletes revocations five minutes after the longest token lifetime, when no token can match them', async () => {
    const { server, store, run } = await started(0)
    const { refreshToken } = await server.signIn()
    await server.post('/api/auth/logout', { refreshToken })
    server.clock.advance(3_899)
    await run()
    expect(await store.query('select seq from revocation')).toHaveLength(1)
    server.clock.advance(1)
    await run()
    expect(await store.query('select seq from revocation')).toEqual([])
  })

  test('deletes links, throttle counts, mails and audit events each at its own time, and not before', async () => {
    const { server, store, run } = await started(0)
    const now = server.clock()
    const [first, second] = [now + 1_000, now + 2_000]
    const { auditRetentionDays } = server.sallyport.config
    for (const table of ['audit_event', 'mail']) await store.query(`delete from ${table}`)
    for (const [id, at] of [
      ['a', first],
      ['b', second],
    ] as const) {
      await store.query(`insert into one_time_token (hash, purpose, email, "createdAt", "expiresAt")
        values ('${id}', 'decoy', '', 0, ${at})`)
      await store.query(`insert into throttle (key, count, "until", "blockedUntil", "lastBy")
        values ('${id}', 1, ${at}, 0, '')`)
      for (const state of ['sent', 'due'])
        await store.query(`insert into mail (id, recipient, template, details, state, attempts, "createdAt", "dueAt", "finishedAt")
          values ('${state} ${id}', '', 'x', '', '${state}', 0, ${at}, ${at}, ${state === 'sent' ? at : null})`)
      await store.query(`insert into audit_event (id, at, action, result)
        values ('${newId(at, randomBytes)}', ${at}, 'sign_in', 'success')`)
    }
    const left = async () => {
      const counts: Record<string, number> = {}
      for (const [name, query] of Object.entries({
        links: 'select 1 from one_time_token',
        counts: `select 1 from throttle where key in ('a', 'b')`,
        sent: `select 1 from mail where state = 'sent'`,
        waiting: `select 1 from mail where state = 'due'`,
        lines: 'select 1 from audit_event',
      }))
        counts[name] = (await store.query(query)).length
      return counts
    }
    const between = (days: number) => {
      server.clock.now = first + days * dayMs + 500
      return run()
    }
    server.clock.now = first - 500
    await run()
    const all = { links: 2, counts: 2, sent: 2, waiting: 2, lines: 2 }
    expect(await left()).toEqual(all)
    await between(0)
    expect(await left()).toEqual({ ...all, links: 1, counts: 1 })
    await between(2)
    expect(await left()).toEqual({ ...all, links: 0, counts: 0, waiting: 1 })
    await between(30)
    expect(await left()).toEqual({ links: 0, counts: 0, sent: 1, waiting: 0, lines: 2 })
    await between(auditRetentionDays)
    expect(await left()).toEqual({ links: 0, counts: 0, sent: 0, waiting: 0, lines: 1 })
  })

  test('leaves waiting mails to the mailer if there is a mail server', async () => {
    const { server, store } = await started(0)
    await store.query(`insert into mail (id, recipient, template, details, state, attempts, "createdAt", "dueAt")
      values ('waiting', '', 'x', '', 'due', 0, 0, 0)`)
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    const config = { ...server.sallyport.config, smtpUrl: 'smtp://127.0.0.1' }
    await purge({ database, clock: server.clock, config })
    expect(await store.query('select id from mail')).toEqual([{ id: 'waiting' }])
  })
})
