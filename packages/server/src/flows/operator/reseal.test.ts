import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { frozenClock, password, startSallyport, testOptions } from '../../testing/sallyport.ts'
import { freshStore } from '../../testing/stores.ts'

const first = testOptions.secret
const second = 'server-Qw8LpZ3xVn5RtYk7MbHcJd2GfS'
const third = 'server-Zt5KvB9rWm2QxPd6NsLgHf8JcY'

async function installation() {
  const store = await freshStore('SQLite')
  const clock = frozenClock()
  const start = (secret: string) =>
    startSallyport({ ...store.options, secret, developmentInbox: true, emailVerification: 'sign-in' }, clock)
  return { store, clock, start }
}

test('a session stays valid through two replacements of the secret', async () => {
  const { start } = await installation()
  const server = await start(first)
  await server.addUser()
  const { refreshToken } = await server.signIn()
  await server.sallyport.close()
  for (const [secret, former] of [
    [second, first],
    [third, second],
  ]) {
    const both = await start(`${secret},${former}`)
    await both.sallyport.operator.secret.reseal()
    await both.sallyport.close()
  }
  expect((await (await start(third)).refresh(refreshToken)).status).toBe(200)
})

test('the report counts what is sealed under which secret, and shows when the older one was last used', async () => {
  const { store, clock, start } = await installation()
  const before = await start(first)
  const signUp = (email: string) =>
    before.post(paths.signUp, { email, password, name: 'Ada', transport: 'bearer' })
  await signUp('ada@example.com')
  await signUp('eve@example.com')
  await store.query(`update one_time_token set details = 'garbage' where email = 'eve@example.com'`)
  const none = { current: 0, earlier: 0, lost: 0 }
  expect(await before.sallyport.operator.secret.report()).toMatchObject({
    sealed: { 'signing key': { ...none, current: 2 }, 'sign-up': { ...none, current: 1, lost: 1 } },
    carried: 0,
    olderUsedAt: null,
  })
  const usedAt = clock()
  const { secret } = (await start(`${second},${first}`)).sallyport.operator
  clock.now += 149_999
  expect(await secret.report()).toMatchObject({
    sealed: { 'signing key': { ...none, earlier: 2 }, 'sign-up': { ...none, earlier: 1, lost: 1 } },
    carried: 0,
    olderUsedAt: usedAt,
  })
  clock.now += 1
  expect((await secret.report()).olderUsedAt).toBeNull()
  const resealed = {
    sealed: { 'signing key': { ...none, current: 2 }, 'sign-up': { ...none, current: 1, lost: 1 } },
    carried: 1,
    olderUsedAt: null,
  }
  expect(await secret.reseal()).toMatchObject(resealed)
  expect(await secret.reseal()).toMatchObject(resealed)
  expect(await store.query(`select details from one_time_token where email = 'eve@example.com'`)).toEqual([
    { details: 'garbage' },
  ])
  // No keys of the first secret are stored, because it is set.
  const kept = await store.query<{ formerKeys: string | null }>(
    'select "formerKeys" from secret order by "createdAt"',
  )
  expect(kept.map(({ formerKeys }) => formerKeys !== null)).toEqual([true, false])
  const after = (await start(second)).sallyport.operator.secret
  expect(await after.report()).toMatchObject(resealed)
})

test('the report reads every row, even if the last page is full', async () => {
  const { store, start } = await installation()
  const server = await start(first)
  await store.query(`with recursive rows(n) as (select 1 union all select n + 1 from rows where n < 400)
    insert into one_time_token (hash, purpose, email, details, "createdAt", "expiresAt")
    select 'hash-' || n, 'sign_up', n || '@example.com', 'garbage', 0, 0 from rows`)
  expect((await server.sallyport.operator.secret.report()).sealed['sign-up'].lost).toBe(400)
})

test('forget revokes the signing key after all others, and leaves retired keys unchanged [S17]', async () => {
  const { store, start, clock } = await installation()
  const server = await start(first)
  const { keys, secret } = server.sallyport.operator
  const retired = keys.list().find(({ state }) => state === 'signing')?.kid
  await keys.rotate()
  clock.advance(20 * 86_400)
  await server.sallyport.upkeep()
  clock.advance(10 * 86_400)
  await keys.rotate()
  const before = keys.list()
  expect(before.map(({ state }) => state)).toEqual(['reserve', 'signing', 'published', 'retired'])
  const kidsThat = (isWanted: (state: string) => boolean) =>
    before.filter(({ state }) => isWanted(state)).map(({ kid }) => kid)
  await secret.forget()
  const revoked = await store.query<{ kid: string }>(
    'select kid from revocation where kid is not null order by seq',
  )
  expect(revoked.map(({ kid }) => kid)).toEqual([
    ...kidsThat((state) => state === 'reserve' || state === 'published'),
    ...kidsThat((state) => state === 'signing'),
  ])
  expect(keys.list().find(({ kid }) => kid === retired)).toMatchObject({ state: 'retired', revokedAt: null })
})
