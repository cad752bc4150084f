import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { paths } from '@sallyport/protocol'
import type { Verifier } from '@sallyport/verify'
import * as expressAdapter from '@sallyport/verify/express'
import * as fastifyAdapter from '@sallyport/verify/fastify'
import { withAuth } from '@sallyport/verify/fetch'
import * as honoAdapter from '@sallyport/verify/hono'
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSallyport, type Sallyport } from '../../packages/server/src/index.ts'
import { recordingLog, testOptions } from '../../packages/server/src/testing/sallyport.ts'
import { freePort } from '../system/free-port.ts'
import { requestsIn, settingsOf, startAuthServer } from './auth-server.ts'
import {
  bearer,
  isActive,
  password,
  refresh,
  refreshInTurn,
  send,
  sidOf,
  signIn,
  signOut,
  signUp,
  type Tokens,
  until,
} from './client.ts'
import { followFeed, verdict, verifierAt } from './feed-reader.ts'
import { type Installation, shared, startInstallation } from './installation.ts'
import { randomFrom } from './random.ts'
import { startTcpHop, through } from './tcp-hop.ts'

// Real processes on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

describe('two processes on one PostgreSQL database', () => {
  let installation: Installation
  let operator: Sallyport['operator']
  beforeAll(async () => {
    const { clean, undo } = shared()
    installation = await startInstallation('PostgreSQL', { clean })
    const options = { ...testOptions, ...installation.store.options }
    const sallyport = await createSallyport(options, { log: recordingLog().log })
    clean(() => sallyport.close())
    operator = sallyport.operator
    return undo
  })

  const revocations: Record<
    string,
    { does(url: string, person: { userId: string; tokens: Tokens }): Promise<unknown>; refused: string }
  > = {
    'sign-out': { does: (url, { tokens }) => signOut(url, tokens.refreshToken), refused: 'session_ended' },
    'sign-out everywhere': {
      does: (url, { tokens }) => send(url, 'DELETE', paths.sessions, { token: tokens.accessToken }),
      refused: 'token_stale',
    },
    'the revocation of one session': {
      does: (url, { tokens }) =>
        send(url, 'DELETE', `${paths.sessions}/${sidOf(tokens)}`, { token: tokens.accessToken }),
      refused: 'session_ended',
    },
    'a refresh token used out of turn': {
      async does(url, { tokens }) {
        await refreshInTurn([url], tokens, 2)
        await refresh(url, tokens.refreshToken)
      },
      refused: 'session_ended',
    },
    'a new password': {
      does: (url, { tokens }) =>
        send(url, 'POST', paths.passwordChange, {
          token: tokens.accessToken,
          body: { currentPassword: password, newPassword: 'a better one than before' },
        }),
      refused: 'token_stale',
    },
    'other roles': { does: (_, { userId }) => operator.users.setRoles(userId, []), refused: 'token_stale' },
    'a user who is disabled': {
      does: (_, { userId }) => operator.users.disable(userId),
      refused: 'token_stale',
    },
    'an operator’s revocation': {
      does: (_, { tokens }) => operator.sessions.revoke(sidOf(tokens)),
      refused: 'session_ended',
    },
  }

  test.each(Object.entries(revocations))(
    'S08: %s at one process is heard by the verifiers at both',
    async (_, { does, refused }) => {
      const { urls } = installation
      const verifiers = urls.map((url) => verifierAt(url))
      await Promise.all(verifiers.map((verifier) => verifier.ready()))
      for (const url of urls) {
        const person = await signUp(url)
        const { accessToken } = person.tokens
        for (const verifier of verifiers) expect(await verdict(verifier, accessToken)).toBe('live')
        await does(url, person)
        for (const verifier of verifiers)
          await until('the refusal', async () => (await verdict(verifier, accessToken)) === refused)
      }
    },
  )

  test('the other process tells it because it was notified, not because it happened to look', async () => {
    const { urls } = installation
    const { tokens, email } = await signUp(urls[0])
    const sessions = [tokens]
    while (sessions.length < 20) sessions.push(await signIn(urls[0], email))
    const reader = await followFeed(urls[1])
    for (const session of sessions) {
      await signOut(urls[0], session.refreshToken)
      await until('the event', () => reader.sessions.has(sidOf(session)))
    }
    // It looks before each sign of life. Had it heard of each of the twenty by looking alone, there would be twenty.
    expect(reader.signsOfLife).toBeLessThan(10)
  })

  test('hundreds that end at once, at both processes: the feeds of both tell each once, in order, and leave none out', async () => {
    const { urls, store } = installation
    const { userId, tokens } = await signUp(urls[0])
    // Rows as a sign-in makes them; hashing so many passwords would only take time.
    const ids = Array.from({ length: 400 }, () => crypto.randomUUID())
    const columns =
      'salt, generation, "parentBranch", branches, "openedAt", methods, "authenticatedAt", "createdAt", "lastUsedAt", "expiresAt"'
    await store.query(
      `insert into session (id, "userId", ${columns}) select new, "userId", ${columns} from session, unnest(array['${ids.join("','")}']) as new where "userId" = '${userId}'`,
    )
    const readers = [await followFeed(urls[0]), await followFeed(urls[1])]
    await Promise.all(
      ids.map(async (id, index) => {
        const path = `${paths.sessions}/${id}`
        for (;;) {
          const answer = await send(urls[index % 2] as string, 'DELETE', path, { token: tokens.accessToken })
          if (answer.status === 204) return
          // So many at once may have to queue for longer than a request waits; nothing has happened then, or all of it.
          expect(answer).toMatchObject({ status: 503, retryAfter: '1' })
        }
      }),
    )
    const rows = await store.query<{ seq: number }>(
      `select seq from revocation where sid in ('${ids.join("','")}') order by seq`,
    )
    const expected = rows.map(({ seq }) => seq)
    expect(expected).toHaveLength(ids.length)
    const [first = 0, last = 0] = [expected[0], expected.at(-1)]
    for (const { numbers } of readers) {
      await until('the last one', () => numbers.includes(last))
      expect(numbers.filter((number) => number >= first)).toEqual(expected)
    }
  })

  test.each([1, 2, 3])(
    'while connections break at random and sessions end all the time, verifiers end up refusing exactly those that have ended (seed %i)',
    async (seed) => {
      const random = randomFrom(seed)
      const { urls } = installation
      const hops = await Promise.all(urls.map((url) => startTcpHop({ port: Number(new URL(url).port) })))
      const verifiers = hops.map((hop, index) => verifierAt(through(hop, urls[index] as string)))
      const sessions: Tokens[] = []
      for (let people = 0; people < 4; people += 1) {
        const { email, tokens } = await signUp(urls[0])
        sessions.push(tokens)
        const more = await Promise.all(Array.from({ length: 14 }, () => signIn(random.pick(urls), email)))
        sessions.push(...more)
      }
      await Promise.all(verifiers.map((verifier) => verifier.ready()))
      // Room for the head of an answer, and for some entries; then it is cut, maybe in the middle of one.
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
        // It ended after all the others: whoever knows of it knows of them.
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

  test('the feed and introspection are for verifiers: the tokens of a user open neither, at either process', async () => {
    const { urls } = installation
    const { tokens } = await signUp(urls[0])
    for (const url of urls)
      for (const token of [tokens.accessToken, tokens.refreshToken, testOptions.frontendSecrets, 'x']) {
        const feed = await send(url, 'GET', paths.revocations, { token })
        expect([feed.status, feed.code]).toEqual([401, 'client_unauthorized'])
        const introspection = await send(url, 'POST', paths.introspect, {
          token,
          body: { token: tokens.accessToken },
        })
        expect([introspection.status, introspection.code]).toEqual([401, 'client_unauthorized'])
      }
  })

  const frameworks: Record<string, (verifier: Verifier) => Promise<number>> = {
    async express(verifier) {
      const app = express()
      app.get('/', expressAdapter.requireAuth(verifier), (_, res) => void res.end('in'))
      return listening(createServer(app).listen(0, '127.0.0.1'))
    },
    async fastify(verifier) {
      const app = fastify()
      app.get('/', { onRequest: fastifyAdapter.requireAuth(verifier) }, async () => 'in')
      await app.listen({ port: 0, host: '127.0.0.1' })
      onTestFinished(() => app.close())
      return (app.server.address() as AddressInfo).port
    },
    async hono(verifier) {
      const app = new Hono()
      app.get('/', honoAdapter.requireAuth(verifier), (c) => c.text('in'))
      return listening(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }))
    },
    async fetch(verifier) {
      const guarded = withAuth(verifier, () => new Response('in'))
      return listening(serve({ fetch: guarded, port: 0, hostname: '127.0.0.1' }))
    },
  }

  async function listening(server: ReturnType<typeof serve>): Promise<number> {
    onTestFinished(() => void server.close())
    if (!server.listening) await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  test.each(Object.entries(frameworks))(
    'an API in %s that follows one process refuses a session that the other has ended',
    async (_, start) => {
      const { urls } = installation
      const verifier = verifierAt(urls[0])
      await verifier.ready()
      const address = `http://127.0.0.1:${await start(verifier)}/`
      const { tokens } = await signUp(urls[1])
      const ask = async () => {
        const answer = await fetch(address, { headers: bearer(tokens.accessToken) })
        const text = await answer.text()
        return `${answer.status} ${text.startsWith('{') ? JSON.parse(text).code : text}`
      }
      expect(await ask()).toBe('200 in')
      await signOut(urls[1], tokens.refreshToken)
      expect(await until('the refusal', async () => (await ask()) !== '200 in' && ask())).toBe(
        '401 session_ended',
      )
    },
  )

  test('a key that is declared compromised is refused at both, and sessions go on with another', async () => {
    const { urls } = installation
    const verifiers = urls.map((url) => verifierAt(url, { jwksCooldownSeconds: 1 }))
    await Promise.all(verifiers.map((verifier) => verifier.ready()))
    const { tokens } = await signUp(urls[0])
    for (const verifier of verifiers) expect(await verdict(verifier, tokens.accessToken)).toBe('live')
    const [header = ''] = tokens.accessToken.split('.')
    await operator.keys.revoke(JSON.parse(Buffer.from(header, 'base64url').toString()).kid)
    for (const verifier of verifiers)
      await until('the refusal', async () => (await verdict(verifier, tokens.accessToken)) !== 'live')
    for (const url of urls) {
      // The other process hears of it, too, and signs with it no more.
      const next = await until('a token of another key', async () => {
        const made = await refreshInTurn([url], tokens, 1)
        return made.accessToken.startsWith(header) ? null : made
      })
      for (const verifier of verifiers)
        await until(
          'trust in the new key',
          async () => (await verdict(verifier, next.accessToken)) === 'live',
        )
    }
  })
})

describe('a verifier that starts while the server of its feed is down', () => {
  async function halfDown() {
    const { store, urls } = await startInstallation('PostgreSQL', { processes: 1 })
    const port = await freePort()
    const down = `http://127.0.0.1:${port}`
    const { tokens, email } = await signUp(urls[0])
    const ended = await signIn(urls[0], email)
    await signOut(urls[0], ended.refreshToken)
    return {
      up: urls[0],
      down,
      live: tokens,
      ended,
      start: () => startAuthServer(settingsOf(store.options), { port }),
    }
  }

  test('does by its policy meanwhile, and relies on the feed once it is there, without being asked to', async () => {
    const { up, down, live, ended, start } = await halfDown()
    const feedDown = { url: down + paths.revocations }
    const verifiers = {
      reject: verifierAt(up, { feed: { ...feedDown, whenStale: 'reject' } }),
      accept: verifierAt(up, { feed: { ...feedDown, whenStale: 'accept' } }),
      asksTheSame: verifierAt(up, { feed: { ...feedDown, whenStale: 'introspect' } }),
      asksAnother: verifierAt(up, {
        feed: { ...feedDown, whenStale: 'introspect', introspectUrl: up + paths.introspect },
      }),
      nothingAtAll: verifierAt(down, { jwksCooldownSeconds: 1, feed: { whenStale: 'accept' } }),
    }
    const verdicts = async ({ accessToken }: Tokens) =>
      Object.fromEntries(
        await Promise.all(
          Object.entries(verifiers).map(async ([name, verifier]) => [
            name,
            await verdict(verifier, accessToken),
          ]),
        ),
      ) as Record<keyof typeof verifiers, string>
    expect(await verdicts(live)).toEqual({
      reject: 'unavailable',
      accept: 'live',
      asksTheSame: 'unavailable',
      asksAnother: 'live',
      nothingAtAll: 'unavailable',
    })
    expect(await verdicts(ended)).toEqual({
      reject: 'unavailable',
      accept: 'live',
      asksTheSame: 'unavailable',
      asksAnother: 'token_stale',
      nothingAtAll: 'unavailable',
    })
    await start()
    const everywhere = (verdict: string) => (found: Record<string, string>) =>
      Object.values(found).every((one) => one === verdict)
    // Only the feed tells this apart from an outdated token.
    await until('the feed', async () => everywhere('session_ended')(await verdicts(ended)))
    expect(await verdicts(live)).toSatisfy(everywhere('live'))
  })
})

describe('a server that is alive, and its database is not', () => {
  test.each(['does not answer', 'is gone'])(
    'the database %s: no sign of life any more, verifiers do by their policy until it is back, and then hear what they missed',
    async (what) => {
      const { store, urls } = await startInstallation('PostgreSQL', { processes: 1 })
      const { databaseUrl } = store.options as { databaseUrl: string }
      const hop = await startTcpHop({ port: Number(new URL(databaseUrl).port) })
      const server = await startAuthServer({ DATABASE_URL: through(hop, databaseUrl) })
      const feed = { maxStalenessSeconds: 4 }
      const rejecting = verifierAt(server.url, { feed: { ...feed, whenStale: 'reject' } })
      const asking = verifierAt(server.url, {
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
      // They come again and are sent away: a server that cannot know what is revoked does not look alive to a new reader either.
      const tries = requestsIn(server, paths.revocations).length
      await until('new tries', async () => {
        expect(await verdict(rejecting, tokens.accessToken)).toBe('unavailable')
        return requestsIn(server, paths.revocations).length >= tries + 2
      })
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
