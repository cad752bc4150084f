import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Random, seededRandom } from '../../packages/server/src/testing/random.ts'
import { frozenClock, startSallyport } from '../../packages/server/src/testing/sallyport.ts'
import { freshStore, type StoreKind, type TestStore } from '../../packages/server/src/testing/stores.ts'
import { settingsOf, startAuthServer } from './auth-server.ts'
import {
  type Answer,
  claimsOf,
  refresh,
  refreshInTurn,
  requireTokens,
  sidOf,
  signUp,
  type Tokens,
  tokensOf,
  until,
} from './client.ts'
import { countWaiting, holding, type Installation, shared, startInstallation } from './installation.ts'
import { startTcpHop, through } from './tcp-hop.ts'

// Real processes on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const installations: [string, StoreKind, number][] = [
  ['two processes on one PostgreSQL database', 'PostgreSQL', 2],
  ['two processes on one SQLite file', 'SQLite', 2],
  ['one process on SQLite', 'SQLite', 1],
]

type SessionRow = { generation: number; branches: number; endReason: string | null }

async function rowOf(store: TestStore, tokens: Tokens): Promise<SessionRow> {
  const [row] = await store.query<SessionRow>(
    `select generation, branches, "endReason" from session where id = '${sidOf(tokens)}'`,
  )
  if (row === undefined) throw new Error('The database has no such session.')
  return row
}

/** Moves the last rotation into the past by this time. */
async function letGracePass(store: TestStore, tokens: Tokens): Promise<void> {
  await store.query(`update session set "openedAt" = "openedAt" - 120000 where id = '${sidOf(tokens)}'`)
}

describe.each(installations)('%s', (_, kind, processes) => {
  let installation: Installation
  beforeAll(async () => {
    const { clean, undo } = shared()
    installation = await startInstallation(kind, clean, { processes })
    return undo
  })

  test('fifty parallel refreshes of one token have one successor [R02, R03]', async () => {
    const { urls, store } = installation
    const { tokens: first } = await signUp(urls[0])
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => refresh(urls[index % 2] as string, first.refreshToken)),
    )
    const successors = new Set(answers.map((answer) => tokensOf(answer).refreshToken))
    expect(successors.size).toBe(1)
    expect(await rowOf(store, first)).toEqual({ generation: 1, branches: 1, endReason: null })

    const [second] = answers.map(tokensOf) as [Tokens]
    const third = await refreshInTurn(urls, second, 3)
    const replay = await refresh(urls[1], first.refreshToken)
    expect([replay.status, replay.code]).toEqual([401, 'session_ended'])
    for (const url of urls) expect((await refresh(url, third.refreshToken)).code).toBe('session_ended')
    expect((await rowOf(store, first)).endReason).toBe('reuse')
  })

  test('parallel refreshes at both servers never split a session [R03]', async () => {
    const { urls, store } = installation
    const people = await Promise.all(Array.from({ length: 6 }, () => signUp(urls[0])))
    const rounds = 8
    await Promise.all(
      people.map(async ({ tokens }) => {
        let held = tokens
        for (let round = 1; round <= rounds; round += 1) {
          const answers = await Promise.all([...urls, ...urls].map((url) => refresh(url, held.refreshToken)))
          expect(new Set(answers.map((answer) => tokensOf(answer).refreshToken)).size).toBe(1)
          held = tokensOf(answers[round % 4] as Answer)
          expect(await rowOf(store, held)).toEqual({ generation: round, branches: 1, endReason: null })
        }
      }),
    )
  })

  test.each(['within the grace', 'long after it'])(
    'stays signed in after a lost response, with a retry %s elsewhere [R04]',
    async (when) => {
      const { urls, store } = installation
      const { tokens: first } = await signUp(urls[0])
      const hop = await startTcpHop({ port: Number(new URL(urls[0]).port) }, onTestFinished)
      hop.set('answers held')
      const lost = refresh(through(hop, urls[0]), first.refreshToken).catch(() => 'lost')
      await until('the rotation', async () => (await rowOf(store, first)).generation === 1)
      hop.cut()
      expect(await lost).toBe('lost')
      if (when !== 'within the grace') await letGracePass(store, first)
      const held = tokensOf(await refresh(urls[1], first.refreshToken))
      expect((await rowOf(store, first)).branches).toBe(when === 'within the grace' ? 1 : 2)
      await refreshInTurn(urls, held, 4)
    },
  )

  test.each(['within the grace', 'long after it'])(
    'stays signed in if a server dies before its response, and a retry %s [R05]',
    async (when) => {
      const { urls, store } = installation
      const doomed = await startAuthServer(settingsOf(store.options), onTestFinished)
      const hop = await startTcpHop({ port: Number(new URL(doomed.url).port) }, onTestFinished)
      const { tokens: first } = await signUp(urls[0])
      hop.set('answers held')
      const lost = refresh(through(hop, doomed.url), first.refreshToken).catch(() => 'lost')
      await until('the commit', async () => (await rowOf(store, first)).generation === 1)
      await doomed.crash()
      hop.cut()
      expect(await lost).toBe('lost')
      if (when !== 'within the grace') await letGracePass(store, first)
      const held = tokensOf(await refresh(urls[1], first.refreshToken))
      await refreshInTurn(urls, held, 4)
    },
  )

  test('stays signed in while a server is killed repeatedly under load [R05]', async () => {
    const { urls, store } = installation
    const settings = settingsOf(store.options)
    let doomed = await startAuthServer(settings, onTestFinished)
    const doors = [urls[0], doomed.url]
    const people = await Promise.all(Array.from({ length: 6 }, () => signUp(urls[0])))
    let acknowledged = 0
    let isOver = false
    const lines = people.map(async ({ tokens }, index) => {
      let held = tokens
      let rotations = 0
      for (let tries = index; !isOver; tries += 1) {
        // A client without a response tries again with its token, at the other server.
        const answer = await refresh(doors[tries % 2] as string, held.refreshToken).catch(() => null)
        if (answer === null || answer.status === 503) continue
        held = tokensOf(answer)
        rotations += 1
        acknowledged += 1
      }
      return { held, rotations }
    })
    const { port } = new URL(doomed.url)
    for (let crashes = 0; crashes < 2; crashes += 1) {
      const enough = acknowledged + 40
      await until('work under way', () => acknowledged >= enough)
      await doomed.crash()
      doomed = await startAuthServer(settings, onTestFinished, Number(port))
    }
    isOver = true
    for (const { held, rotations } of await Promise.all(lines)) {
      expect((await rowOf(store, held)).generation).toBeGreaterThanOrEqual(rotations)
      await refreshInTurn([urls[0], doomed.url], held, 2)
    }
  })

  test('stays signed in with late, lost and reordered responses in parallel tabs [R02, R04]', async () => {
    const { urls, store } = installation
    const seeds = Array.from({ length: 24 }, (_, seed) => seed)
    for (let start = 0; start < seeds.length; start += 6)
      await Promise.all(
        seeds.slice(start, start + 6).map(async (seed) => {
          const { tokens } = await signUp(urls[0])
          const random = seededRandom(seed)
          let jar = tokens
          for (let round = 0; round < 6; round += 1) jar = await oneDueRefresh(urls, store, jar, random, seed)
          await refreshInTurn(urls, jar, 2)
        }),
      )
  })
})

describe('a server that does not get the confirmation of its commit', () => {
  test.each(['is killed', 'is told 503 by its client, once its connection breaks'])(
    'keeps the client signed in if the server %s [R05]',
    async (what) => {
      const { urls, store } = await startInstallation('PostgreSQL', onTestFinished, { processes: 1 })
      const { databaseUrl } = store.options as { databaseUrl: string }
      const hop = await startTcpHop({ port: Number(new URL(databaseUrl).port) }, onTestFinished)
      const doomed = await startAuthServer({ DATABASE_URL: through(hop, databaseUrl) }, onTestFinished)
      const { tokens: first } = await signUp(urls[0])
      // Its update waits for a row that we lock; then we release it, and delay the response of the database.
      const row = await holding(databaseUrl, `select 1 from session where id = '${sidOf(first)}' for update`)
      const answer = refresh(doomed.url, first.refreshToken).catch(() => null)
      await until('the update', async () => (await countWaiting(store)) === 1)
      hop.set('answers held')
      await row.release()
      await until('the commit', async () => (await rowOf(store, first)).generation === 1)
      if (what === 'is killed') {
        await doomed.crash()
        expect(await answer).toBeNull()
      } else {
        hop.cut()
        expect(await answer).toMatchObject({ status: 503, code: 'unavailable', retryAfter: '1' })
        hop.set('pass')
      }
      const door = what === 'is killed' ? urls[0] : doomed.url
      await refreshInTurn([door, urls[0]], first, 4)
    },
  )
})

/**
 * The token in the cookies is due, and up to three tabs send it before a response has come, some of them after the grace. The responses
 * arrive in any order, some never; the last one stays in the cookies.
 */
async function oneDueRefresh(
  urls: readonly string[],
  store: TestStore,
  jar: Tokens,
  random: Random,
  seed: number,
): Promise<Tokens> {
  const underWay: Promise<Answer>[] = []
  const tabs = 1 + random.below(3)
  for (let tab = 0; tab < tabs; tab += 1) {
    const copies = random.chance(0.2) ? 2 : 1
    for (let copy = 0; copy < copies; copy += 1) underWay.push(refresh(random.pick(urls), jar.refreshToken))
    if (!random.chance(0.5)) continue
    await underWay.at(-1)
    if (random.chance(0.5)) await letGracePass(store, jar)
  }
  const answers = await Promise.all(underWay)
  for (const answer of answers) expect([answer.status, answer.code], `seed ${seed}`).toEqual([200, ''])
  const arriving = random.shuffle(answers).filter(() => random.chance(0.7))
  return arriving.map(tokensOf).at(-1) ?? jar
}

describe('two servers on one PostgreSQL database, and a clock that is moved', () => {
  const day = 86_400
  const minute = 60

  async function twoServers(lateBySeconds = 0) {
    const { options } = await freshStore('PostgreSQL')
    const clock = frozenClock()
    const one = await startSallyport(options, clock)
    const behind = Object.assign(() => clock() - lateBySeconds * 1000, { now: 0, advance() {} })
    const other = await startSallyport(options, behind)
    await one.addUser()
    return { one, other, clock, options }
  }
  const codeOf = async (answer: Response | Promise<Response>) => {
    const { code = 'none' } = (await (await answer).json()) as { code?: string }
    return code
  }

  test('an idle session ends at its idle limit at both servers [S10]', async () => {
    const { one, other, clock, options } = await twoServers()
    const [left, used] = [await one.signIn(), await other.signIn()]
    clock.advance(14 * day - 1)
    const kept = await requireTokens(await one.refresh(used.refreshToken))
    clock.advance(1)
    const restarted = await startSallyport(options, clock)
    for (const server of [one, other, restarted]) {
      expect(await codeOf(server.refresh(left.refreshToken))).toBe('session_ended')
      expect(await (await server.introspect(left.accessToken)).json()).toEqual({ active: false })
    }
    clock.advance(14 * day - 2)
    const next = await requireTokens(await other.refresh(kept.refreshToken))
    expect((await restarted.refresh(next.refreshToken)).status).toBe(200)
  })

  test('a session and its tokens end at the absolute limit [R08, S10]', async () => {
    const { one, other, clock } = await twoServers()
    const servers = [one, other]
    const start = clock()
    let held = await one.signIn()
    for (let turn = 0; turn < 178; turn += 1) {
      clock.advance(day / 2)
      held = await requireTokens(await (servers[turn % 2] as typeof one).refresh(held.refreshToken))
    }
    clock.advance(day - 2 * minute)
    held = await requireTokens(await other.refresh(held.refreshToken))
    expect(held.expiresIn).toBe(2 * minute)
    expect(Number(claimsOf(held.accessToken).exp) * 1000).toBe(start + 90 * day * 1000)
    clock.advance(2 * minute)
    for (const server of servers) {
      expect(await codeOf(server.refresh(held.refreshToken))).toBe('session_ended')
      expect(await (await server.introspect(held.accessToken)).json()).toEqual({ active: false })
    }
  })

  test('clocks that differ by five minutes end sessions at most five minutes late [S10]', async () => {
    const skew = 5 * minute
    const { one, other, clock } = await twoServers(skew)
    const servers = [other, one]
    let held = await one.signIn()
    for (let turn = 0; turn < 6; turn += 1) {
      // Each gets the same token twice: by its own clock, the other's rotation may not have happened yet.
      const [here, there] = [servers[turn % 2], servers[(turn + 1) % 2]] as [typeof one, typeof one]
      const next = await requireTokens(await here.refresh(held.refreshToken))
      expect((await there.refresh(held.refreshToken)).status).toBe(200)
      held = next
      clock.advance(9 * minute)
    }
    clock.advance(14 * day + skew)
    for (const server of servers)
      expect(await codeOf(server.refresh(held.refreshToken))).toBe('session_ended')
  })
})
