import { randomBytes } from 'node:crypto'
import { hash } from '@node-rs/argon2'
import { Migrator } from 'kysely/migration'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStore } from './store/database.ts'
import { knownMigrations } from './store/migrations.ts'
import { frozenClock, password, startSallyport, testOptions } from './testing/sallyport.ts'
import { freshStore, storeKinds, type TestStore } from './testing/stores.ts'
import { newId } from './tokens/id.ts'
import { keyringOf } from './tokens/keyring.ts'
import { createRefreshTokens } from './tokens/refresh-token.ts'

/** The newest migration of each earlier version. */
const earlier = knownMigrations.slice(0, -1)

/** Migrates up to this migration, as an earlier version did. */
async function migrateTo(store: TestStore, last: string): Promise<void> {
  const { database } = openStore(store.address)
  const migrator = new Migrator({
    db: database,
    provider: {
      getMigrations: async () =>
        Object.fromEntries(
          await Promise.all(
            knownMigrations.map(async (name) => [name, await import(`./store/migrations/${name}.ts`)]),
          ),
        ),
    },
  })
  const { error } = await migrator.migrateTo(last)
  await database.destroy()
  if (error) throw error
}

/** A user with an open and an ended session, with values in the columns of the first version only. */
async function fill(store: TestStore, now: number) {
  const tokens = createRefreshTokens(keyringOf(testOptions.secret))
  const userId = newId(now, randomBytes)
  const secret = await hash(password, { memoryCost: 8_192, timeCost: 1, parallelism: 1 })
  await store.query(`insert into "user" (id, email, name, roles, version, "createdAt", "updatedAt")
    values ('${userId}', 'ada@example.com', 'Ada', '["member"]', 0, ${now}, ${now})`)
  await store.query(`insert into credential ("userId", kind, secret, "createdAt", "changedAt")
    values ('${userId}', 'password', '${secret}', ${now}, ${now})`)
  const addSession = async (endedAt: number | null) => {
    const id = newId(now, randomBytes)
    const salt = randomBytes(16).toString('base64url')
    await store.query(`insert into session (id, "userId", salt, generation, "parentBranch", branches, "openedAt", methods,
      "authenticatedAt", "createdAt", "lastUsedAt", "expiresAt", "endedAt", "endReason")
      values ('${id}', '${userId}', '${salt}', 0, -1, 1, ${now}, '["pwd"]', ${now}, ${now}, ${now}, ${now + 86_400_000},
      ${endedAt}, ${endedAt === null ? null : `'sign_out'`})`)
    return tokens.make(id, salt, 0, 0)
  }
  return { live: await addSession(null), ended: await addSession(now) }
}

describe.each(storeKinds)('on %s', (kind) => {
  test.each(earlier)('migrates a database of version %s and keeps users and sessions', async (last) => {
    const store = await freshStore(kind, onTestFinished, { bare: true })
    const clock = frozenClock()
    await migrateTo(store, last)
    const { live, ended } = await fill(store, clock())
    const server = await startSallyport(store.options, clock)
    expect(server.sallyport.migrations).toEqual(knownMigrations.slice(knownMigrations.indexOf(last) + 1))
    expect((await server.refresh(live)).status).toBe(200)
    expect((await server.refresh(ended)).status).toBe(401)
    expect((await server.signIn()).accessToken).toBeTruthy()
  })

  test('serves without a failed request while a newer version migrates, and can be restarted', async () => {
    const store = await freshStore(kind, onTestFinished, { bare: true })
    const clock = frozenClock()
    const server = await startSallyport(store.options, clock)
    await server.addUser()
    let isMigrating = true
    const statuses: number[] = []
    const refreshing = Array.from({ length: 4 }, async () => {
      let { refreshToken } = await server.signIn()
      for (let after = 0; after < 3; after += isMigrating ? 0 : 1) {
        const answer = await server.refresh(refreshToken)
        statuses.push(answer.status)
        refreshToken = ((await answer.json()) as { refreshToken: string }).refreshToken
        // SQLite answers within microtasks, so let the event loop continue.
        await new Promise((resolve) => setImmediate(resolve))
      }
      return refreshToken
    })
    for (const table of ['user', 'session', 'signing_key', 'revocation', 'audit_event', 'credential'])
      await store.query(`alter table "${table}" add column "ofTheNextVersion" text`)
    await store.query('create table from_a_newer_version (id text primary key)')
    await store.query(`insert into kysely_migration (name, timestamp) values ('2027-01-01-next', '2027')`)
    isMigrating = false
    const [refreshToken = ''] = await Promise.all(refreshing)
    expect(statuses.length).toBeGreaterThan(11)
    expect(new Set(statuses)).toEqual(new Set([200]))
    await server.sallyport.close()
    const again = await startSallyport(store.options, clock)
    onTestFinished(() => again.sallyport.close())
    expect(again.sallyport.migrations).toEqual([])
    expect((await again.refresh(refreshToken)).status).toBe(200)
    expect((await again.signIn()).accessToken).toBeTruthy()
  })
})
