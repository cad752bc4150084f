import { rmSync } from 'node:fs'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, onTestFinished, test } from 'vitest'
import { moveStore } from './move.ts'
import { openStore } from './store/database.ts'
import { dumpedTables } from './store/dump.ts'
import { bearer, frozenClock, startSallyport, testOptions, verifierSecret } from './testing/sallyport.ts'
import { freshStore, type StoreKind, stopHalfWay, type TestStore, waitedFor } from './testing/stores.ts'

const options = { developmentInbox: true, emailVerification: 'sign-in' } as const
const allTables = Object.keys(dumpedTables)

/** The address of a store, as for `--to`. */
function addressOf({ options: place }: TestStore): string {
  return 'dataDir' in place ? place.dataDir : place.databaseUrl
}

const move = (from: TestStore, to: TestStore, clock?: () => number) =>
  moveStore({ ...testOptions, ...options, ...from.options }, addressOf(to), clock)

/** A server on a store, which can be stopped before the test ends. */
async function serverOn(store: TestStore, clock = frozenClock()) {
  return startSallyport({ ...store.options, ...options }, clock)
}

/** Returns the rows of every table, without those that the move itself adds. */
async function contentOf(store: TestStore): Promise<Record<string, unknown[]>> {
  const content: Record<string, unknown[]> = {}
  for (const table of allTables) {
    const rows = await store.query(`select * from "${table}"`)
    content[table] = rows
      .filter((row) => row.action !== 'store_moved')
      .map((row) => JSON.stringify(Object.entries(row).sort()))
      .sort()
  }
  return content
}

/** A store with users in every state, and a revocation log whose last entry has been deleted. */
async function lived(kind: StoreKind) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  const server = await serverOn(store, clock)
  await server.addUser()
  await server.addUser('bob@example.com')
  const kept = await server.signIn()
  const revoked = await server.signIn()
  await server.post(paths.signOut, { refreshToken: revoked.refreshToken })
  const dropped = await server.signIn('bob@example.com')
  await server.post(paths.signOut, { refreshToken: dropped.refreshToken })
  await server.post(paths.forgotPassword, { email: 'ada@example.com' })
  await server.post(paths.signIn, { email: 'bob@example.com', password: 'wrong', transport: 'bearer' })
  await store.query(`delete from revocation where seq = (select max(seq) from revocation)`)
  await server.sallyport.close()
  return { store, clock, kept, revoked }
}

const ways = [
  { from: 'SQLite', to: 'PostgreSQL' },
  { from: 'PostgreSQL', to: 'SQLite' },
] as const

describe.each(ways)('from $from to $to', ({ from, to }) => {
  test('moves every row, and the last number of the revocation log', async () => {
    const { store, clock, kept, revoked } = await lived(from)
    const target = await freshStore(to)
    const before = await contentOf(store)
    for (const table of ['user', 'credential', 'session', 'signing_key', 'revocation', 'one_time_token'])
      expect(before[table], table).not.toEqual([])
    for (const table of ['mail', 'audit_event', 'throttle', 'secret']) expect(before[table]).not.toEqual([])

    const { rows } = await move(store, target, clock)
    expect(rows).toMatchObject({ user: 2, session: 3, revocation: 1 })
    expect(await contentOf(target)).toEqual(before)
    expect(await contentOf(store)).toEqual(before)
    expect(await store.query(`select 1 from audit_event where action = 'store_moved'`)).toEqual([])

    const server = await serverOn(target, clock)
    expect((await server.session(kept.accessToken)).status).toBe(200)
    expect((await server.session(revoked.accessToken)).status).toBe(401)
    expect((await server.refresh(revoked.refreshToken)).status).toBe(401)
    expect((await server.refresh(kept.refreshToken)).status).toBe(200)
    // A verifier that has received entry 2 requests the entries after it.
    const stream = await server.get(paths.revocations, { ...bearer(verifierSecret), 'last-event-id': '2' })
    const signedOut = await server.signIn()
    await server.post(paths.signOut, { refreshToken: signedOut.refreshToken })
    expect(await target.query('select max(seq) as seq from revocation')).toEqual([{ seq: 3 }])
    const reader = stream.body?.getReader()
    let text = ''
    while (!text.includes('\nid: 3')) text += new TextDecoder().decode((await reader?.read())?.value)
    await reader?.cancel()
  })

  test('refuses a target that is not empty, and changes neither store', async () => {
    const { store, clock } = await lived(from)
    const { store: target } = await lived(to)
    const before = await contentOf(target)
    await expect(move(store, target, clock)).rejects.toThrow(/The new database is not empty/)
    expect(await contentOf(target)).toEqual(before)
    await expect(move(store, store, clock)).rejects.toThrow(/--to is the same database/)
  })

  test('refuses while a server runs on either store, and works once it has stopped', async () => {
    const { store, clock } = await lived(from)
    const target = await freshStore(to)
    const onSource = await serverOn(store, clock)
    await expect(move(store, target, clock)).rejects.toThrow(/in use by another process. Stop every server/)
    await onSource.sallyport.close()
    const onTarget = await serverOn(target, clock)
    await expect(move(store, target, clock)).rejects.toThrow(/in use by another process. Stop every server/)
    await onTarget.sallyport.close()
    expect((await move(store, target, clock)).rows.user).toBe(2)
  })

  test('leaves the target empty and the source unchanged if it fails half way', async () => {
    const { store, clock } = await lived(from)
    const target = await freshStore(to)
    await (await serverOn(target, clock)).sallyport.close()
    const before = await contentOf(store)
    const empty = await contentOf(target)
    await refuseRows(target)
    await expect(move(store, target, clock)).rejects.toThrow(/throttle is full/)
    expect(await contentOf(store)).toEqual(before)
    expect(await contentOf(target)).toEqual(empty)
    await allowRows(target)
    await move(store, target, clock)
    expect(await contentOf(target)).toEqual(before)
  })
})

/** Makes the insert into `throttle` fail, after users and sessions were written. */
async function refuseRows(store: TestStore): Promise<void> {
  if (store.kind === 'SQLite') {
    await store.query(
      `create trigger full_table before insert on throttle begin select raise(abort, 'throttle is full'); end`,
    )
    return
  }
  await store.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise exception 'throttle is full'; end $$`,
  )
  await store.query(
    'create trigger full_table before insert on throttle for each row execute function refuse()',
  )
}

async function allowRows(store: TestStore): Promise<void> {
  await store.query(`drop trigger full_table${store.kind === 'SQLite' ? '' : ' on throttle'}`)
}

test('prevents a server from starting on a file while it is being moved', async () => {
  const { store, clock } = await lived('SQLite')
  const target = await freshStore('PostgreSQL')
  const release = await stopHalfWay(target)
  const moving = move(store, target, clock)
  await waitedFor(target)
  await expect(serverOn(store, clock)).rejects.toThrow(/database is locked/)
  await release()
  expect((await moving).rows.user).toBe(2)
})

test('moves nothing if a server was started on PostgreSQL meanwhile', async () => {
  const { store, clock } = await lived('PostgreSQL')
  const target = await freshStore('PostgreSQL')
  const release = await stopHalfWay(target)
  const empty = await contentOf(target)
  const before = await contentOf(store)
  const moving = move(store, target, clock)
  moving.catch(() => {})
  await waitedFor(target)
  const { database } = openStore(store.address)
  onTestFinished(() => database.destroy())
  await database.selectFrom('user').select('id').execute()
  // A write of that server fails while it waits for the lock.
  const writing = database.updateTable('user').set({ name: 'Eve' }).execute()
  await expect(writing).rejects.toThrow(/lock timeout/)
  await release()
  await expect(moving).rejects.toThrow(/The database that is moved is in use/)
  expect(await contentOf(store)).toEqual(before)
  expect(await contentOf(target)).toEqual(empty)
})

test('keeps the last number of a revocation log without entries', async () => {
  const { store, clock } = await lived('PostgreSQL')
  await store.query('delete from revocation')
  const target = await freshStore('SQLite')
  await move(store, target, clock)
  const back = await freshStore('PostgreSQL')
  await target.query('delete from audit_event')
  await move(target, back, clock)
  const server = await serverOn(back, clock)
  await server.post(paths.signOut, { refreshToken: (await server.signIn()).refreshToken })
  expect(await back.query('select seq from revocation')).toEqual([{ seq: 3 }])
})

test.each(['mysql://root:hunter2@localhost/x', 'postgres:/root:hunter2@localhost/x'])(
  'refuses an address that is neither PostgreSQL nor a folder, without showing it: %s',
  async (to) => {
    const { store } = await lived('SQLite')
    onTestFinished(() => rmSync('postgres:', { recursive: true, force: true }))
    const moving = moveStore({ ...testOptions, ...store.options }, to)
    await expect(moving).rejects.toThrow(/--to must be the address of a PostgreSQL database/)
    await expect(moving).rejects.not.toThrow(/hunter2/)
  },
)

test('reports which of the two databases cannot be used', async () => {
  const { store } = await lived('SQLite')
  const target = new URL(addressOf(await freshStore('PostgreSQL')))
  target.pathname = '/no_such_database'
  const moving = moveStore({ ...testOptions, ...store.options }, target.href)
  await expect(moving).rejects.toThrow(/"no_such_database" does not exist\)\. Check --to/)
})
