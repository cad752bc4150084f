import { paths } from '@sallyport/protocol/endpoints'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { createSallyport, type Sallyport } from '../../packages/server/src/index.ts'
import { recordingLog, testOptions } from '../../packages/server/src/testing/sallyport.ts'
import { guardedApis } from '../../packages/verify/src/testing/guarded-apis.ts'
import { freePort } from '../system/free-port.ts'
import { type Clean, settingsOf, startAuthServer } from './auth-server.ts'
import {
  bearer,
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

// Real processes on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

/** For tests that share two servers: sequential, while those that only wait run concurrently. */
const inTurn = { concurrent: false }

describe.concurrent('two processes on one PostgreSQL database', () => {
  let installation: Installation
  let operator: Sallyport['operator']
  beforeAll(async () => {
    const { clean, undo } = shared()
    installation = await startInstallation('PostgreSQL', clean)
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
      does: (url, { tokens }) => send(url, 'DELETE', paths.listSessions, { token: tokens.accessToken }),
      refused: 'token_stale',
    },
    'the revocation of one session': {
      does: (url, { tokens }) =>
        send(url, 'DELETE', `${paths.listSessions}/${sidOf(tokens)}`, { token: tokens.accessToken }),
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
        send(url, 'POST', paths.changePassword, {
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

  test.for(Object.entries(revocations))(
    '%s at one process reaches the verifiers at both [S08]',
    inTurn,
    async ([, { does, refused }], { onTestFinished }) => {
      const { urls } = installation
      const verifiers = urls.map((url) => verifierAt(url, onTestFinished))
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

  test(
    'the other process sends it after a notification, before its next poll',
    inTurn,
    async ({ onTestFinished }) => {
      const { urls } = installation
      const { tokens, email } = await signUp(urls[0])
      const sessions = [tokens]
      while (sessions.length < 20) sessions.push(await signIn(urls[0], email))
      const reader = await followFeed(urls[1], onTestFinished)
      for (const session of sessions) {
        await signOut(urls[0], session.refreshToken)
        await until('the event', () => reader.sessions.has(sidOf(session)))
      }
      // It polls before each heartbeat. If it had found each of the twenty by polling, there would be twenty heartbeats.
      expect(reader.signsOfLife).toBeLessThan(10)
    },
  )

  test(
    'feeds send hundreds of parallel revocations once and in order',
    inTurn,
    async ({ onTestFinished }) => {
      const { urls, store } = installation
      const { userId, tokens } = await signUp(urls[0])
      // Rows as a sign-in creates them; hashing so many passwords would only take time.
      const ids = Array.from({ length: 400 }, () => crypto.randomUUID())
      const columns =
        'salt, generation, "parentBranch", branches, "openedAt", methods, "authenticatedAt", "createdAt", "lastUsedAt", "expiresAt"'
      await store.query(
        `insert into session (id, "userId", ${columns}) select new, "userId", ${columns} from session, unnest(array['${ids.join("','")}']) as new where "userId" = '${userId}'`,
      )
      const readers = [await followFeed(urls[0], onTestFinished), await followFeed(urls[1], onTestFinished)]
      await Promise.all(
        ids.map(async (id, index) => {
          const path = `${paths.listSessions}/${id}`
          for (;;) {
            const answer = await send(urls[index % 2] as string, 'DELETE', path, {
              token: tokens.accessToken,
            })
            if (answer.status === 204) return
            // So many at once may wait longer than a request may take; then nothing has happened, or everything.
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
    },
  )

  test(
    'verifiers of a restarted server get all missed revocations [R05]',
    inTurn,
    async ({ onTestFinished }) => {
      const { urls, store } = installation
      const doomed = await startAuthServer(settingsOf(store.options), onTestFinished)
      const verifier = verifierAt(doomed.url, onTestFinished)
      await verifier.ready()
      const { tokens, email } = await signUp(urls[0])
      const [before, meanwhile, after] = [
        await signIn(urls[0], email),
        await signIn(urls[0], email),
        await signIn(urls[0], email),
      ]
      await signOut(urls[1], before.refreshToken)
      await doomed.crash()
      await signOut(urls[1], meanwhile.refreshToken)
      await startAuthServer(settingsOf(store.options), onTestFinished, Number(new URL(doomed.url).port))
      await signOut(urls[1], after.refreshToken)
      for (const { accessToken } of [after, meanwhile, before])
        await until('the refusal', async () => (await verdict(verifier, accessToken)) === 'session_ended')
      expect(await verdict(verifier, tokens.accessToken)).toBe('live')
    },
  )

  test('feed and introspection refuse tokens of users', inTurn, async () => {
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

  test.for(Object.entries(guardedApis))(
    'an API in %s refuses a session that the other process has ended',
    inTurn,
    async ([, start], { onTestFinished }) => {
      const { urls } = installation
      const verifier = verifierAt(urls[0], onTestFinished)
      await verifier.ready()
      const address = await start(verifier, onTestFinished)
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

  test(
    'a compromised key is refused at both, and sessions continue with another',
    inTurn,
    async ({ onTestFinished }) => {
      const { urls } = installation
      const verifiers = urls.map((url) => verifierAt(url, onTestFinished, { jwksCooldownSeconds: 1 }))
      await Promise.all(verifiers.map((verifier) => verifier.ready()))
      const { tokens } = await signUp(urls[0])
      for (const verifier of verifiers) expect(await verdict(verifier, tokens.accessToken)).toBe('live')
      const [header = ''] = tokens.accessToken.split('.')
      await operator.keys.revoke(JSON.parse(Buffer.from(header, 'base64url').toString()).kid)
      for (const verifier of verifiers)
        await until('the refusal', async () => (await verdict(verifier, tokens.accessToken)) !== 'live')
      for (const url of urls) {
        // The other process is notified too, and stops signing with it.
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
    },
  )
})

describe.concurrent('a verifier that starts while the server of its feed is down', () => {
  async function halfDown(clean: Clean) {
    const { store, urls } = await startInstallation('PostgreSQL', clean, { processes: 1 })
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
      start: () => startAuthServer(settingsOf(store.options), clean, port),
    }
  }

  test('follows its policy meanwhile, and uses the feed as soon as it is available', async ({
    onTestFinished,
  }) => {
    const { up, down, live, ended, start } = await halfDown(onTestFinished)
    const feedDown = { url: down + paths.revocations }
    const verifiers = {
      reject: verifierAt(up, onTestFinished, { feed: { ...feedDown, whenStale: 'reject' } }),
      accept: verifierAt(up, onTestFinished, { feed: { ...feedDown, whenStale: 'accept' } }),
      asksTheSame: verifierAt(up, onTestFinished, { feed: { ...feedDown, whenStale: 'introspect' } }),
      asksAnother: verifierAt(up, onTestFinished, {
        feed: { ...feedDown, whenStale: 'introspect', introspectUrl: up + paths.introspect },
      }),
      nothingAtAll: verifierAt(down, onTestFinished, {
        jwksCooldownSeconds: 1,
        feed: { whenStale: 'accept' },
      }),
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
    // Only the feed can tell this from an outdated token.
    await until('the feed', async () => everywhere('session_ended')(await verdicts(ended)))
    expect(await verdicts(live)).toSatisfy(everywhere('live'))
  })
})
