import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../store/database.ts'
import { startSallyport } from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'
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

  test('R08: sessions go thirty days after their end, and not before', async () => {
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

  test('R08: more than one step can take are all gone in the end, and requests are answered between the steps', async () => {
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

  test('two processes that sweep at once leave nothing behind either', async () => {
    const { server, left, run } = await started(1_000)
    server.clock.advance(2_000 * 86_400)
    await Promise.all(kind === 'SQLite' ? [run()] : [run(), run(), run()])
    expect(await left()).toEqual([])
  })

  test('revocations go when no live token can match them, five minutes after the longest life of a token', async () => {
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
})
