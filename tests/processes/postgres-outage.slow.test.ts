import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import pg from 'pg'
import { beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { seededRandom } from '../../packages/server/src/testing/random.ts'
import { freshStore } from '../../packages/server/src/testing/stores.ts'
import { type PostgresServer, startPostgres } from '../../scripts/postgres/server.ts'
import { freePort } from '../system/free-port.ts'
import { type AuthServer, type Clean, launchAuthServer, startAuthServer } from './auth-server.ts'
import { refreshInTurn, send, sidOf, signIn, signOut, signUp, until } from './client.ts'
import { FeedReader, followFeed, openFeed } from './feed-reader.ts'
import { shared } from './installation.ts'
import { Load } from './load.ts'
import { startTcpHop, type TcpHop, through } from './tcp-hop.ts'

// Real processes on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const poolSize = 4

/** A PostgreSQL that a test may stop. */
async function ownPostgres(clean: Clean): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-outage-'))
  const postgres = await startPostgres({ folder, port: await freePort() })
  clean(async () => {
    await postgres.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  return postgres
}

const statusOf = async (url: string, path: string) => (await send(url, 'GET', path)).status

/** Sequential, because they share the servers; tests that do not share them run concurrently. */
const inTurn = { concurrent: false }

describe.concurrent('two processes whose PostgreSQL fails under load', () => {
  let postgres: PostgresServer
  let address: string
  let hops: [TcpHop, TcpHop]
  let servers: [AuthServer, AuthServer]
  let urls: [string, string]
  beforeAll(async () => {
    const { clean, undo } = shared()
    postgres = await ownPostgres(clean)
    address = await postgres.database('outage')
    const start = async (clean: Clean) => {
      const hop = await startTcpHop({ port: postgres.port }, clean)
      const settings = { DATABASE_URL: through(hop, address), DATABASE_POOL_SIZE: String(poolSize) }
      return { hop, server: await startAuthServer(settings, clean) }
    }
    const [one, other] = await Promise.all([start(clean), start(clean)])
    hops = [one.hop, other.hop]
    servers = [one.server, other.server]
    urls = [one.server.url, other.server.url]
    return undo
  })

  /** How it fails, and how it recovers. */
  type Outage = { begin(): Promise<void>; end(): Promise<void> }
  const onHops = (begin: (hop: TcpHop) => void): Outage => ({
    begin: async () => {
      for (const hop of hops) begin(hop)
    },
    end: async () => {
      for (const hop of hops) hop.set('pass')
    },
  })
  const outages: Record<string, Outage> = {
    'it crashes': { begin: () => postgres.stop('immediate'), end: () => postgres.start() },
    'it is stopped': { begin: () => postgres.stop('fast'), end: () => postgres.start() },
    'it does not answer any more': onHops((hop) => hop.set('still')),
    'its answers do not arrive any more': onHops((hop) => hop.set('answers held')),
    'its network is cut': onHops((hop) => {
      hop.set('refuse')
      hop.cut()
    }),
  }

  test.for(Object.entries(outages))(
    '%s: responds with 503, and recovers with nothing lost [D08]',
    inTurn,
    async ([, { begin, end }]) => {
      const load = new Load(urls, 10)
      await load.goesWell()
      await begin()
      await load.isRefused(10)
      for (const url of urls) {
        await until('readyz', async () => (await statusOf(url, paths.ready)) === 503)
        expect(await statusOf(url, paths.health)).toBe(200)
      }
      await end()
      for (const url of urls) await until('readyz', async () => (await statusOf(url, paths.ready)) === 200)
      await load.goesWell(100)
      await load.stop()
      await expectAllWell(load)
    },
  )

  test('connections are cut repeatedly: work continues, with nothing lost [D08]', inTurn, async () => {
    const random = seededRandom(8)
    const load = new Load(urls, 10)
    for (let round = 0; round < 12; round += 1) {
      await load.goesWell(1 + random.below(60))
      const hop = random.pick(hops)
      const what = random.below(3)
      if (what === 0)
        await query(
          'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
        )
      if (what === 1) hop.cut()
      // From now on each connection breaks after some kilobytes, in the middle of a response.
      if (what === 2) hop.lifeBytes = () => 2_000 + random.below(20_000)
    }
    for (const hop of hops) {
      hop.lifeBytes = () => Number.POSITIVE_INFINITY
      hop.cut()
    }
    await load.goesWell(100)
    await load.stop()
    await expectAllWell(load)
  })

  test('connections fail silently: they are replaced, with nothing lost [D08]', inTurn, async () => {
    const load = new Load(urls, 10)
    await load.goesWell()
    load.onlyRefreshes = true
    await until('that everybody is in', () => load.acknowledged.signedIn === 10)
    for (const hop of hops) hop.freeze()
    await load.isRefused(1)
    await load.goesWell(100)
    for (const url of urls) await until('readyz', async () => (await statusOf(url, paths.ready)) === 200)
    await load.stop()
    // The connections that listen are new too.
    await expectNotices(urls[0], urls[1])
    await expectNotices(urls[1], urls[0])
    for (const hop of hops) hop.cut()
    await expectAllWell(load)
  })

  async function query(statement: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: address, application_name: 'test' })
    await client.connect()
    try {
      return (await client.query(statement)).rows
    } finally {
      await client.end()
    }
  }

  /** Only successes and 503, nothing lost, both processes notify each other, and no connection leaked. */
  async function expectAllWell(load: Load): Promise<void> {
    expect(load.wrong).toEqual([])
    expect(load.acknowledged.people).toBeGreaterThan(5)
    expect(await load.lost()).toEqual([])
    await expectNotices(urls[0], urls[1])
    await expectNotices(urls[1], urls[0])
    const maxConnections = servers.length * (poolSize + 1)
    await until('no more connections than were allowed', async () => {
      const rows = await query(
        "select 1 from pg_stat_activity where datname = current_database() and application_name = 'sallyport'",
      )
      return rows.length <= maxConnections
    })
    for (const { log, complaints } of servers) {
      expect(complaints).toEqual([])
      expect(log.filter((line) => line.includes('internal_error'))).toEqual([])
      const { password } = new URL(address)
      expect(log.filter((line) => line.includes(password))).toEqual([])
    }
  }
})

/**
 * One process is notified of the other's revocations: several in a row without a heartbeat in between, which would come with each of its
 * own looks.
 */
async function expectNotices(from: string, to: string): Promise<void> {
  const reader = new FeedReader(await openFeed(to))
  const { email } = await signUp(from)
  await until('five notices in a row', async () => {
    const before = reader.signsOfLife
    for (let times = 0; times < 5; times += 1) {
      const session = await signIn(from, email)
      await signOut(from, session.refreshToken)
      await until('the event', () => reader.sessions.has(sidOf(session)))
    }
    return reader.signsOfLife === before
  })
  reader.close()
}

describe.concurrent('starting', () => {
  test('before PostgreSQL runs: waits, logs this, and works once it runs', async ({ onTestFinished }) => {
    const late = await ownPostgres(onTestFinished)
    const address = await late.database('late')
    await late.stop()
    const server = await launchAuthServer({ DATABASE_URL: address }, onTestFinished)
    await until('its word', () => server.log.some((line) => line.includes('The database does not answer')))
    await late.start()
    await server.listening
    const { tokens } = await signUp(server.url)
    await refreshInTurn([server.url], tokens, 2)
    expect(server.complaints).toEqual([])
  })

  test('while PostgreSQL does not respond: waits, and works once it does', async ({ onTestFinished }) => {
    const { databaseUrl } = await emptyDatabase(onTestFinished)
    const hop = await startTcpHop({ port: Number(new URL(databaseUrl).port) }, onTestFinished)
    hop.set('still')
    const server = await launchAuthServer({ DATABASE_URL: through(hop, databaseUrl) }, onTestFinished)
    await until('its word', () => server.log.some((line) => line.includes('The database does not answer')))
    hop.set('pass')
    await server.listening
    await signUp(server.url)
  })

  test.for<[string, { password?: string; username?: string; pathname?: string; port?: string }]>([
    ['a wrong password', { password: 'open-sesame-4711' }],
    ['a database that is not there', { pathname: '/nowhere' }],
    ['a user who is not there', { username: 'nobody' }],
    ['nobody at that address, for half a minute', { port: '1' }],
  ])('with %s: exits with one line that names DATABASE_URL', async ([, change], { onTestFinished }) => {
    const url = Object.assign(new URL(inject('postgresUrl')), change)
    const server = await launchAuthServer({ DATABASE_URL: url.href }, onTestFinished)
    expect(await server.ended).toBe(1)
    expect(server.complaints).toHaveLength(1)
    expect(server.complaints[0]).toContain('Check DATABASE_URL')
    expect([...server.complaints, ...server.log].join('\n')).not.toContain(url.password)
  })
})

async function emptyDatabase(clean: Clean) {
  const { options, query } = await freshStore('PostgreSQL', clean)
  const { databaseUrl } = options as { databaseUrl: string }
  return { databaseUrl, query }
}

test.concurrent('a newer version migrates the database while the older one runs', async ({
  onTestFinished,
}) => {
  const { databaseUrl, query } = await emptyDatabase(onTestFinished)
  const settings = { DATABASE_URL: databaseUrl }
  const first = await startAuthServer(settings, onTestFinished)
  const second = await startAuthServer(settings, onTestFinished)
  const reader = await followFeed(second.url, onTestFinished)
  const load = new Load([second.url], 6)
  await load.goesWell()
  for (const table of ['user', 'session', 'revocation', 'signing_key', 'credential'])
    await query(`alter table "${table}" add column "fromTheFuture" text`)
  await query(
    "insert into kysely_migration (name, timestamp) values ('2099-01-01-the-future', '2099-01-01T00:00:00.000Z')",
  )
  await load.goesWell()
  await first.stop()
  const restarted = await startAuthServer(settings, onTestFinished, Number(new URL(first.url).port))
  await load.goesWell()
  await load.stop()
  expect([load.wrong, load.refused]).toEqual([[], 0])
  expect(await load.lost()).toEqual([])

  // The other one too, while the restarted one works.
  const next = new Load([restarted.url], 6)
  await next.goesWell()
  await second.stop()
  await reader.ended
  await startAuthServer(settings, onTestFinished, Number(new URL(second.url).port))
  await next.goesWell()
  await next.stop()
  expect([next.wrong, next.refused]).toEqual([[], 0])
  expect(await next.lost()).toEqual([])
  await expectNotices(second.url, restarted.url)
})
