import type { IncomingMessage } from 'node:http'
import { paths } from '@sallyport/protocol/endpoints'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { seededRandom } from '../../packages/server/src/testing/random.ts'
import type { TestStore } from '../../packages/server/src/testing/stores.ts'
import { requestsIn, startAuthServer } from './auth-server.ts'
import { isActive, signIn, signOut, signUp, type Tokens, until } from './client.ts'
import { FeedReader, followFeed, openFeed, verdict, verifierAt } from './feed-reader.ts'
import { type Installation, shared, startInstallation } from './installation.ts'
import { startTcpHop, through } from './tcp-hop.ts'

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

describe('two processes on one PostgreSQL database', () => {
  let installation: Installation
  beforeAll(async () => {
    const { clean, undo } = shared()
    installation = await startInstallation('PostgreSQL', clean)
    return undo
  })

  test.for([1, 2, 3])(
    'verifiers refuse exactly the ended sessions despite broken connections (seed %i)',
    async (seed, { onTestFinished }) => {
      const random = seededRandom(seed)
      const { urls } = installation
      const ports = urls.map((url) => Number(new URL(url).port))
      // A hop to either process, and one that leads to either of them for each new connection.
      const balanced = {
        get port() {
          return random.pick(ports)
        },
      }
      const hops = await Promise.all(
        [...ports.map((port) => ({ port })), balanced].map((target) => startTcpHop(target, onTestFinished)),
      )
      const verifiers = hops.map((hop) => verifierAt(through(hop, urls[0]), onTestFinished))
      const sessions: Tokens[] = []
      for (let people = 0; people < 6; people += 1) {
        const { email, tokens } = await signUp(urls[0])
        sessions.push(tokens)
        const more = await Promise.all(Array.from({ length: 9 }, () => signIn(random.pick(urls), email)))
        sessions.push(...more)
      }
      await Promise.all(verifiers.map((verifier) => verifier.ready()))
      // Enough for the head of a response, and some entries; then it is cut, perhaps in the middle of one.
      for (const hop of hops) hop.lifeBytes = () => 700 + random.below(1_500)
      const [marker, ...rest] = random.shuffle(sessions) as [Tokens, ...Tokens[]]
      const ending = rest.slice(0, 36)
      const goingOn = rest.slice(36)
      for (const waiting = [...ending]; waiting.length > 0; ) {
        const burst = waiting.splice(0, 1 + random.below(5))
        const hop = random.pick(hops)
        const before = hop.connections
        if (random.chance(0.5)) hop.cut()
        await Promise.all(burst.map(({ refreshToken }) => signOut(random.pick(urls), refreshToken)))
        hop.cut()
        await until('a new connection', () => hop.connections > before)
      }
      for (const hop of hops) hop.lifeBytes = () => Number.POSITIVE_INFINITY
      await signOut(urls[0], marker.refreshToken)
      for (const verifier of verifiers) {
        // It ended after all the others: a verifier that knows it knows all of them.
        await until(
          'the last one',
          async () => (await verdict(verifier, marker.accessToken)) === 'session_ended',
        )
        for (const { accessToken } of ending)
          expect(await verdict(verifier, accessToken)).toBe('session_ended')
        for (const { accessToken } of goingOn) expect(await verdict(verifier, accessToken)).toBe('live')
      }
    },
  )
})

describe.concurrent('a server that runs while its database fails', () => {
  test.for(['does not answer', 'is gone'])(
    'the database %s: verifiers follow their policy, and then get missed revocations',
    async (what, { onTestFinished }) => {
      const { store, urls } = await startInstallation('PostgreSQL', onTestFinished, { processes: 1 })
      const { databaseUrl } = store.options as { databaseUrl: string }
      const hop = await startTcpHop({ port: Number(new URL(databaseUrl).port) }, onTestFinished)
      const server = await startAuthServer({ DATABASE_URL: through(hop, databaseUrl) }, onTestFinished)
      const feed = { maxStalenessSeconds: 4 }
      const rejecting = verifierAt(server.url, onTestFinished, { feed: { ...feed, whenStale: 'reject' } })
      const asking = verifierAt(server.url, onTestFinished, {
        feed: { ...feed, whenStale: 'introspect', introspectUrl: urls[0] + paths.introspect },
      })
      const { tokens, email } = await signUp(urls[0])
      const doomed = await signIn(urls[0], email)
      for (const verifier of [rejecting, asking]) {
        await verifier.ready()
        for (const { accessToken } of [tokens, doomed])
          expect(await verdict(verifier, accessToken)).toBe('live')
      }

      hop.set(what === 'is gone' ? 'refuse' : 'still')
      if (what === 'is gone') hop.cut()
      await signOut(urls[0], doomed.refreshToken)
      await until(
        'the end of its trust',
        async () => (await verdict(rejecting, tokens.accessToken)) !== 'live',
      )
      expect(await verdict(rejecting, tokens.accessToken)).toBe('unavailable')
      await until('its asking', async () => (await verdict(asking, doomed.accessToken)) === 'token_stale')
      expect(await verdict(asking, tokens.accessToken)).toBe('live')
      // They reconnect and are refused: a server that cannot read the log must not look healthy to a new reader either.
      const tries = requestsIn(server, paths.revocations).length
      const meanwhile = new Set<string>()
      await until('new tries', async () => {
        meanwhile.add(await verdict(rejecting, tokens.accessToken))
        return requestsIn(server, paths.revocations).length >= tries + 2
      })
      expect([...meanwhile]).toEqual(['unavailable'])
      const answers = requestsIn(server, paths.revocations).slice(tries)
      expect(answers.map(({ status, code }) => `${status} ${code}`)).toEqual(
        answers.map(() => '503 unavailable'),
      )

      hop.set('pass')
      for (const verifier of [rejecting, asking]) {
        await until(
          'its return',
          async () => (await verdict(verifier, doomed.accessToken)) === 'session_ended',
        )
        expect(await verdict(verifier, tokens.accessToken)).toBe('live')
      }
      expect(await isActive(server.url, tokens.accessToken)).toBe(true)
    },
  )
})

/** More than fits into the buffers of any connection: a dozen megabytes for each reader. */
const manyRevocations = 60_000

/** As `sallyport sessions revoke` does it, for many sessions at once. */
async function revokeMany(store: TestStore, count: number): Promise<void> {
  const until = Date.now() + 660_000
  await store.query(
    `with added as (insert into revocation (sid, "until") select gen_random_uuid()::text, ${until} from generate_series(1, ${count}) returning seq) select pg_notify('sallyport', '') from (select count(*) from added) as all_of_them`,
  )
}

test.concurrent('feed readers that do not read need no memory and are disconnected [D05]', async ({
  onTestFinished,
}) => {
  const { store, servers, urls } = await startInstallation('PostgreSQL', onTestFinished)
  const [withSlow, without] = servers as [(typeof servers)[0], (typeof servers)[0]]
  const healthy = [await followFeed(urls[0], onTestFinished), await followFeed(urls[1], onTestFinished)]
  const slow = await Promise.all(Array.from({ length: 12 }, () => openFeed(withSlow.url)))

  for (let told = 0; told < manyRevocations; told += manyRevocations / 6) {
    await revokeMany(store, manyRevocations / 6)
    // As they come: the healthy readers get everything while the slow ones do not read.
    for (const { numbers } of healthy)
      await until('all that was revoked', () => numbers.length >= told + manyRevocations / 6, 120)
  }
  const [burdened, free] = [await withSlow.memory(), await without.memory()]
  // Both have all revocations in memory. Unread copies for a dozen readers would need many times that.
  expect(burdened / free).toBeLessThan(1.5)

  const complete = healthy[0]?.numbers
  expect(new Set(complete).size).toBe(manyRevocations)
  const [late, ...dead] = slow as [IncomingMessage, ...IncomingMessage[]]
  expect(await catchUp(urls[0], late, manyRevocations)).toEqual(complete)

  // The others never begin to read. A healthy reader shows how much time has passed for the server.
  const before = healthy[0]?.signsOfLife ?? 0
  await until('a minute', () => (healthy[0]?.signsOfLife ?? 0) > before + 22, 150)
  for (const response of dead) {
    const reader = new FeedReader(response)
    await reader.ended
    expect(reader.numbers.length).toBeLessThan(manyRevocations)
    expect(reader.numbers).toEqual(complete?.slice(0, reader.numbers.length))
  }
  expect((await withSlow.memory()) / (await without.memory())).toBeLessThan(1.5)
})

/** Continues reading, and reconnects if it was cut off, as a verifier does. Returns all numbers in order of arrival. */
async function catchUp(url: string, response: IncomingMessage, count: number): Promise<number[]> {
  const reader = new FeedReader(response)
  await Promise.race([reader.ended, until('the rest', () => reader.numbers.length >= count, 120)])
  if (reader.numbers.length >= count) {
    reader.close()
    return reader.numbers
  }
  const rest = new FeedReader(await openFeed(url, reader.lastEventId))
  await until('the rest', () => reader.numbers.length + rest.numbers.length >= count, 120)
  rest.close()
  return [...reader.numbers, ...rest.numbers]
}
