import { headers as headerNames } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { RevocationSet } from '@sallyport/verify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { restoreBackup, writeBackup } from './backup.ts'
import { migrateStore } from './open-database.ts'
import { openStore } from './store/database.ts'
import { dumpedTables } from './store/dump.ts'
import {
  bearer,
  claimsOf,
  frontendSecret,
  frozenClock,
  password,
  recordingLog,
  requireTokens,
  startSallyport,
  testOptions,
  verifierSecret,
} from './testing/sallyport.ts'
import { freshStore, type StoreKind, storeKinds, type TestStore } from './testing/stores.ts'

const other = 'server-Qw8LpZ3xVn5RtYk7MbHcJd2GfS'
type Lines = string[]

async function backUp(store: TestStore, clock: () => number, secret: string = testOptions.secret) {
  const lines: Lines = []
  const result = await writeBackup(
    { ...testOptions, secret, ...store.options },
    async (line) => void lines.push(line),
    clock,
  )
  return { lines, result }
}

async function* linesOf(lines: Lines): AsyncGenerator<string> {
  yield* lines
}

const restore = (
  lines: Lines,
  store: TestStore,
  {
    secret = testOptions.secret,
    ...more
  }: { secret?: string; clock?: () => number; revokedKids?: string[] } = {},
) => restoreBackup({ ...testOptions, secret, ...store.options }, () => linesOf(lines), more)

/** A server with users in every state, and the tokens and links that they hold. */
async function lived(kind: StoreKind) {
  const store = await freshStore(kind)
  const clock = frozenClock()
  const options = { developmentInbox: true, emailVerification: 'sign-in' } as const
  const server = await startSallyport({ ...store.options, ...options }, clock)
  await server.addUser()
  await server.addUser('bob@example.com')
  const start = (at: TestStore) => startSallyport({ ...at.options, ...options }, clock)
  return { store, clock, server, start }
}

const allTables = Object.keys(dumpedTables)

async function contentOf(store: TestStore): Promise<Record<string, unknown[]>> {
  const rows = await Promise.all(allTables.map((table) => store.query(`select * from "${table}"`)))
  return Object.fromEntries(
    allTables.map((table, index) => [table, rows[index]?.map((row) => JSON.stringify(row)).sort() ?? []]),
  )
}

describe.each(storeKinds)('a backup of %s', (kind) => {
  test('holds every table in the state of one moment, while a server writes', async () => {
    const { store, clock, server } = await lived(kind)
    const { database } = openStore(store.address)
    onTestFinished(() => database.destroy())
    const tables = (await database.introspection.getTables()).map(({ name }) => name)
    expect(tables.filter((name) => !name.startsWith('kysely_')).sort()).toEqual([...allTables].sort())
    // More than a page of rows, and more of them with every row that is read.
    const rows = Array.from({ length: 1_200 }, (_, at) => `('k${String(at).padStart(5, '0')}', 1, 1, 0, '')`)
    await store.query(
      `insert into throttle (key, count, "until", "blockedUntil", "lastBy") values ${rows.join()}`,
    )
    let added = 0
    const seen: string[] = []
    await writeBackup(
      { ...testOptions, ...store.options },
      async (line) => {
        seen.push(line)
        if (line.startsWith('["throttle"') && added < 20) {
          added += 1
          await store.query(
            `insert into throttle (key, count, "until", "blockedUntil", "lastBy") values ('z${added}', 1, 1, 0, '')`,
          )
        }
      },
      clock,
    )
    expect(added).toBe(20)
    expect(seen.filter((line) => line.startsWith('["throttle"'))).toHaveLength(1_200)
    expect(seen.filter((line) => line.startsWith('["user"'))).toHaveLength(2)
    expect(JSON.parse(seen.at(-2) ?? '')).toMatchObject({ rows: { user: 2, throttle: 1_200 } })
    expect((await server.signIn()).accessToken).toBeTruthy()
  })

  test.each(storeKinds)(
    'restored into %s, lets every user sign in, and no ended session works again [S16]',
    async (target) => {
      const { store, clock, server, start } = await lived(kind)
      const before = await server.signIn()
      const signedOut = await server.signIn()
      await server.post(paths.forgotPassword, { email: 'ada@example.com' })
      const { mails } = (await (await server.get(paths.inbox)).json()) as { mails: { text: string }[] }
      const link = /#token=([\w-]+)/.exec(mails.map(({ text }) => text).join())?.[1] ?? ''
      const { lines, result } = await backUp(store, clock)
      expect(result.rows).toMatchObject({ user: 2, session: 2, signing_key: 2 })

      // Changes after the backup, which it does not hold.
      clock.advance(300)
      const renewed = await requireTokens(await server.refresh(before.refreshToken))
      await server.post(paths.signOut, { refreshToken: signedOut.refreshToken })
      const bob = await server.sallyport.operator.users.find('bob@example.com')
      await server.sallyport.operator.users.setRoles(bob?.id ?? '', ['owner'])
      const late = await server.signIn('bob@example.com')
      const reset = await server.post(paths.resetPassword, {
        token: link,
        newPassword: 'the password of afterwards',
      })
      expect(reset.status).toBe(204)
      // The revocations that a verifier has received, and keeps.
      const set = new RevocationSet(clock)
      const feedOf = async (at: typeof server, lastEventId?: string) => {
        const stream = await at.get(paths.revocations, {
          ...bearer(verifierSecret),
          ...(lastEventId && { 'last-event-id': lastEventId }),
        })
        const reader = stream.body?.getReader()
        let text = ''
        for (let reads = 0; reads < 3 && !/event: snapshot|\nid: /.test(text); reads += 1)
          text += new TextDecoder().decode((await reader?.read())?.value)
        await reader?.cancel()
        for (const [, data = '{}'] of text.matchAll(/^data: (.*)$/gm)) {
          const value = JSON.parse(data)
          for (const entry of value.revocations ?? [value]) set.add(entry)
        }
        return [...text.matchAll(/^id: (\d+)$/gm)].at(-1)?.[1] ?? ''
      }
      const lastSeen = await feedOf(server)
      expect(Number(lastSeen)).toBeGreaterThan(0)
      const keySet = server.sallyport.operator.keys.list().map(({ kid }) => kid)
      await server.sallyport.close()

      clock.advance(60)
      const copy = await freshStore(target)
      expect(await restore(lines, copy, { clock })).toMatchObject({ rows: { user: 2 }, sessionsEnded: 2 })
      const after = await start(copy)
      for (const token of [before, renewed, signedOut, late]) {
        expect((await after.refresh(token.refreshToken)).status).toBe(401)
        expect((await after.session(token.accessToken)).status).toBe(401)
        expect(await (await after.introspect(token.accessToken)).json()).toEqual({ active: false })
      }
      expect(await copy.query(`select action from audit_event where action = 'refresh_reuse'`)).toEqual([])
      expect(await copy.query('select template from mail')).toEqual([])
      expect(await copy.query('select distinct "endReason" from session')).toEqual([
        { endReason: 'restored' },
      ])
      expect(
        (await after.post(paths.resetPassword, { token: link, newPassword: 'a third door to open' })).status,
      ).toBe(400)

      // The verifier resumes after the last number that it received: it is told of the revoked keys, and accepts new tokens.
      await feedOf(after, lastSeen)
      const refusal = (token: string) =>
        set.findRefusal({
          sessionId: String(claimsOf(token).sid),
          userId: String(claimsOf(token).sub),
          version: Number(claimsOf(token).ver),
          keyId: (
            JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }
          ).kid,
        })
      for (const token of [before, renewed, late]) expect(refusal(token.accessToken)).toBe('token_stale')
      for (const email of ['ada@example.com', 'bob@example.com']) {
        const fresh = await after.signIn(email)
        expect(refusal(fresh.accessToken)).toBeNull()
        expect((await after.session(fresh.accessToken)).status).toBe(200)
        const next = await requireTokens(await after.refresh(fresh.refreshToken))
        expect((await after.session(next.accessToken)).status).toBe(200)
      }
      const keys = after.sallyport.operator.keys.list()
      for (const { kid, state } of keys) expect(state === 'revoked').toBe(keySet.includes(kid))
      // The next revocation gets a higher number.
      expect(await after.sallyport.operator.sessions.revokeAll(bob?.id ?? '')).toBe(1)
      const [{ seq } = { seq: 0 }] = await copy.query<{ seq: number }>(
        'select max(seq) as seq from revocation',
      )
      expect(seq).toBeGreaterThan(Number(lastSeen))
    },
  )

  test('is refused, and nothing written, if it is cut off, damaged, forged, or of another secret or version', async () => {
    const { store, clock } = await lived(kind)
    const { lines } = await backUp(store, clock)
    const target = await freshStore(kind)
    const changed = (at: number, change: (line: string) => string) =>
      lines.map((line, index) => (index === at ? change(line) : line))
    const forged: Lines = []
    await writeBackup(
      { ...testOptions, secret: other, ...store.options },
      async (line) => void forged.push(line),
    )
    const attempts: [Lines, RegExp][] = [
      [[], /not a backup/],
      [['{}'], /not a backup/],
      [['not JSON'], /not a backup/],
      [lines.slice(0, 1), /incomplete or damaged/],
      [lines.slice(0, -1), /incomplete or damaged/],
      [lines.toSpliced(2, 1), /incomplete or damaged/],
      [lines.toSpliced(2, 0, lines[2] ?? ''), /incomplete or damaged/],
      [[...lines, lines[2] ?? ''], /incomplete or damaged/],
      [changed(1, (line) => line.replace('@example.com', '@example.net')), /incomplete or damaged/],
      [changed(0, (line) => line.replace('"createdAt":', '"createdAt":1')), /incomplete or damaged/],
      [changed(0, (line) => line.replace('2026-11-23-sessions', '2030-01-01-later')), /newer version/],
      [changed(0, (line) => line.replace('"version":1', '"version":2')), /newer version/],
      [forged, /another SALLYPORT_SECRET/],
    ]
    for (const [attempt, message] of attempts) await expect(restore(attempt, target)).rejects.toThrow(message)
    await migrateStore(target.address, recordingLog().log)
    expect(Object.values(await contentOf(target)).flat()).toEqual([])
    // With both secrets set, a backup under either is accepted.
    await restore(lines, target, { secret: `${other},${testOptions.secret}` })
    expect((await contentOf(target)).user).toHaveLength(2)
  })

  test('can be restored into empty databases only, and gives the same content in each', async () => {
    const { store, clock } = await lived(kind)
    const { lines } = await backUp(store, clock)
    const full = await contentOf(store)
    await expect(restore(lines, store)).rejects.toThrow(/not empty/)
    expect(await contentOf(store)).toEqual(full)
    // A server was started there and never used: the database holds its signing keys.
    const started = await freshStore(kind)
    const server = await startSallyport(started.options, clock)
    await server.sallyport.close()
    await restore(lines, started, { clock })
    await expect(restore(lines, started)).rejects.toThrow(/not empty/)
    const { user, credential } = await contentOf(started)
    expect(credential).toEqual(full.credential)
    expect(user).toHaveLength(2)
  })

  test('restored, has no links, mails or known browsers, and a named later key is revoked [S16]', async () => {
    const { store, clock, server } = await lived(kind)
    await server.post(
      paths.signIn,
      { email: 'ada@example.com', password, transport: 'bearer' },
      {
        [headerNames.frontendCredential]: frontendSecret,
        [headerNames.clientAddress]: '203.0.113.9',
        [headerNames.device]: 'd'.repeat(43),
      },
    )
    await server.post(paths.forgotPassword, { email: 'ada@example.com' })
    const waiting = ['one_time_token', 'mail', 'known_device']
    const rowsOf = async (of: TestStore) => {
      const content = await contentOf(of)
      return waiting.map((table) => content[table]?.length)
    }
    expect((await rowsOf(store)).includes(0)).toBe(false)
    const { lines } = await backUp(store, clock)
    const target = await freshStore(kind)
    await restore(lines, target, { clock, revokedKids: ['made-after-the-backup'] })
    expect(await rowsOf(target)).toEqual([0, 0, 0])
    expect(await target.query(`select kid from revocation where kid = 'made-after-the-backup'`)).toHaveLength(
      1,
    )
  })

  test('keeps the users if the secret of the data is lost and the backup is made under a new one', async () => {
    const { store, clock, server } = await lived(kind)
    await server.sallyport.close()
    const { lines } = await backUp(store, clock, other)
    const target = await freshStore(kind)
    await restore(lines, target, { secret: other, clock })
    const after = await startSallyport({ ...target.options, secret: other }, clock)
    const answer = await after.post(paths.signIn, { email: 'ada@example.com', password, transport: 'bearer' })
    expect(answer.status).toBe(200)
  })
})

test('refuses to back up a database of another version', async () => {
  const { store, clock } = await lived('SQLite')
  await store.query(`insert into kysely_migration (name, timestamp) values ('2030-01-01-later', '')`)
  await expect(backUp(store, clock)).rejects.toThrow(/newer version/)
  await store.query(`delete from kysely_migration where name >= '2026-11-29'`)
  await expect(backUp(store, clock)).rejects.toThrow(/sallyport migrate/)
})
