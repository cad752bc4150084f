import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from '../store/database.ts'
import { frozenClock, startSallyport, testOptions } from '../testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds } from '../testing/stores.ts'
import { type KeyPurpose, keysOf } from '../tokens/keyring.ts'
import { openKeyring } from './open-keyring.ts'

const old = testOptions.secret
const next = 'server-Qw8LpZ3xVn5RtYk7MbHcJd2GfS'
const [oldId, nextId] = [keysOf(old).id, keysOf(next).id]
const dayS = 86_400

async function installation(kind: StoreKind) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  /** Starts a server, runs `work` with it, and closes it. */
  const run = async (
    secret: string,
    work: (server: Awaited<ReturnType<typeof startSallyport>>) => unknown,
  ) => {
    const server = await startSallyport({ ...store.options, secret }, clock)
    await work(server)
    await server.sallyport.close()
  }
  const { database } = openStore(store.address)
  onTestFinished(() => database.destroy())
  const keyring = (...secret: string[]) => openKeyring(database, { secret, sessionIdleSeconds: dayS }, clock)
  const secrets = () => store.query('select id, "createdAt", "usedAt" from secret order by "createdAt", id')
  return { store, clock, run, keyring, secrets }
}

describe.each(storeKinds)('the recorded secrets of a database, on %s', (kind) => {
  test('the secret is recorded, with the time of its last use', async () => {
    const { clock, run, secrets } = await installation(kind)
    const createdAt = clock()
    await run(old, () => {})
    expect(await secrets()).toEqual([{ id: oldId, createdAt, usedAt: createdAt }])
    clock.advance(dayS)
    await run(old, () => {})
    expect(await secrets()).toEqual([{ id: oldId, createdAt, usedAt: clock() }])
  })

  test.each([
    ['the first secret', next],
    ['the replaced secret', old],
  ])('if none is recorded, %s is recognised by what is sealed under it', async (_, made) => {
    const { store, clock, run, keyring, secrets } = await installation(kind)
    // Only the public part of the first key is left.
    await run(made, async ({ sallyport }) => {
      await sallyport.operator.keys.rotate()
      clock.advance(40 * dayS)
      await sallyport.upkeep()
    })
    expect(await store.query(`select kid from signing_key where "sealedPrivateKey" = ''`)).toHaveLength(1)
    await store.query('delete from secret')
    expect((await keyring(next, old)).oldestId).toBe(keysOf(made).id)
    await run(`${next},${old}`, () => {})
    const [now, earlier] = [clock(), { id: oldId, createdAt: 0, usedAt: 0 }]
    expect(await secrets()).toEqual([
      ...(made === old ? [earlier] : []),
      { id: nextId, createdAt: now, usedAt: now },
    ])
  })

  test('in an empty database without records, the first secret is used', async () => {
    const { store, run, keyring } = await installation(kind)
    await run(old, () => {})
    await store.query('delete from secret')
    await store.query('delete from signing_key')
    expect((await keyring(next, old)).oldestId).toBe(nextId)
  })

  test('the oldest recorded secret is used, even if nothing is sealed under it', async () => {
    const { clock, run, keyring } = await installation(kind)
    await run(old, () => {})
    clock.advance(60)
    await run(`${next},${old}`, ({ sallyport }) => sallyport.operator.secret.reseal())
    for (const secrets of [[next], [next, old], [old, next]])
      expect((await keyring(...secrets)).oldestId).toBe(oldId)
  })
})

test('stored keys work without their secret, those of refresh tokens for two idle times after the last use', async () => {
  const { store, clock, run, keyring } = await installation('SQLite')
  await run(old, () => {})
  await run(`${next},${old}`, ({ sallyport }) => sallyport.operator.secret.reseal())
  const counts = async () => {
    const { keys } = await keyring(next)
    const purposes: KeyPurpose[] = ['refresh token', 'refresh token check', 'mail', 'sign-up', 'throttle']
    return purposes.map((purpose) => keys(purpose).length)
  }
  const start = clock()
  const set = (carriedAt: number | null, usedAt: number) =>
    store.query(`update secret set "carriedAt" = ${carriedAt}, "usedAt" = ${usedAt} where id = '${oldId}'`)
  for (const [carriedAt, usedAt] of [
    [start, 0],
    [start - 5, start],
    [null, start],
  ] as const) {
    await set(carriedAt, usedAt)
    clock.now = start + 2 * dayS * 1000 - 1
    expect(await counts()).toEqual([2, 2, 2, 2, 2])
    clock.now += 1
    expect(await counts()).toEqual([1, 1, 2, 2, 2])
  }
})
