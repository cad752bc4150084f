import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../store/database.ts'
import { startSallyport } from '../testing/sallyport.ts'
import { purge } from './purge.ts'

const dayMs = 86_400_000

async function started(sessions: number) {
  const server = await startSallyport()
  const { id } = await server.addUser()
  const now = server.clock()
  const values = Array.from(
    { length: sessions },
    (_, index) =>
      `('s${index}', '${id}', 'x', 0, -1, 1, ${now}, '["pwd"]', ${now}, ${now}, ${now}, ${now + index * dayMs})`,
  )
  if (sessions > 0)
    server.execute(
      `insert into session (id, userId, salt, generation, parentBranch, branches, openedAt, methods, authenticatedAt, createdAt, lastUsedAt, expiresAt) values ${values.join()}`,
    )
  const { database } = openStore({ file: join(server.dataDir, 'sallyport.db') })
  onTestFinished(() => database.destroy())
  return { server, run: () => purge({ database, clock: server.clock }) }
}

test('R08: sessions go thirty days after their end, and not before', async () => {
  const { server, run } = await started(3)
  server.execute(`update session set endedAt = ${server.clock()} where id = 's2'`)
  const left = () => server.rows<{ id: string }>('session').map(({ id }) => id)
  server.clock.advance(30 * 86_400)
  await run()
  expect(left()).toEqual(['s0', 's1', 's2'])
  server.clock.now += 1
  await run()
  expect(left()).toEqual(['s1'])
  server.clock.advance(86_400)
  await run()
  expect(left()).toEqual([])
})

test('R08: more than one step can take are all gone in the end, and requests are answered between the steps', async () => {
  const { server, run } = await started(1_000)
  server.clock.advance(2_000 * 86_400)
  const purging = run()
  let isDone = false
  const done = purging.then(() => {
    isDone = true
  })
  expect((await server.get('/healthz')).status).toBe(200)
  expect(isDone).toBe(false)
  await done
  expect(server.rows('session')).toEqual([])
})

test('revocations go when no live token can match them, a minute after the life of a token', async () => {
  const { server, run } = await started(0)
  const { refreshToken } = await server.signIn()
  await server.post('/api/auth/logout', { refreshToken })
  server.clock.advance(659)
  await run()
  expect(server.rows('revocation')).toHaveLength(1)
  server.clock.advance(1)
  await run()
  expect(server.rows('revocation')).toEqual([])
})
