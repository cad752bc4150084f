import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { bearer, password, startSallyport } from '../testing/sallyport.ts'
import { freshStore, storeKinds } from '../testing/stores.ts'
import { throttlePolicy } from './throttle-policy.ts'

const email = 'ada@example.com'
/** Divides every limit by ten, so that a test needs a tenth of the requests. */
const throttleScale = 0.1
const scaled = (tries: number) => Math.max(1, Math.floor(tries * throttleScale))

describe.each(storeKinds)('on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = {}) {
    const store = await freshStore(kind)
    const server = await startSallyport({ ...store.options, ...options })
    const { id } = await server.addUser()
    const authorization = bearer((await server.signIn()).accessToken)
    const send = (method: string, path: string, body?: object, headers = authorization) =>
      server.fetch(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      })
    return { server, store, id, authorization, send }
  }

  test.each([
    ['profile_change', 'PATCH', paths.readProfile, (at: number) => ({ name: `Ada ${at}` }), 200],
    ['prompt', 'POST', paths.reauthenticate, () => ({ password }), 204],
    ['prompt', 'POST', paths.reauthenticate, () => ({ password: 'not the one' }), 400],
    [
      'address_change',
      'POST',
      paths.changeAddress,
      (at: number) => ({ newEmail: `ada-${at}@example.com`, password }),
      202,
    ],
    ['session_end', 'DELETE', `${paths.listSessions}/0`, () => undefined, 404],
    ['listing', 'GET', paths.listSessions, () => undefined, 200],
    ['listing', 'GET', paths.listActivity, () => undefined, 200],
  ] as const)('%s: %s %s has a limit for each user [D12]', async (name, method, path, body, status) => {
    const { server, send } = await started({
      throttleScale,
      developmentInbox: true,
      appUrl: 'http://localhost:3000',
    })
    const { tries, seconds } = throttlePolicy[name].user
    for (let count = 0; count < scaled(tries); count++)
      expect((await send(method, path, body(count))).status).toBe(status)
    const refused = await send(method, path, body(0))
    expect([refused.status, await refused.json()]).toMatchObject([429, { code: 'too_many_requests' }])
    expect(refused.headers.get('ratelimit')).toContain(`"${name}_user";r=0;t=${seconds}`)
    expect(Number(refused.headers.get('retry-after'))).toBe(seconds)
    // Others have their own limit, also in the same network.
    await server.addUser('eve@example.com')
    const other = bearer((await server.signIn('eve@example.com')).accessToken)
    expect((await send(method, path, body(1_000), other)).status).not.toBe(429)
    server.clock.advance(seconds)
    const { accessToken } = await server.signIn()
    expect((await send(method, path, body(0), bearer(accessToken))).status).toBe(status)
  })

  test('ending all sessions counts as ending one of them [D12]', async () => {
    const { send } = await started({ throttleScale })
    for (let count = 0; count < scaled(throttlePolicy.session_end.user.tries); count++)
      expect((await send('DELETE', `${paths.listSessions}/${count}`)).status).toBe(404)
    expect((await send('DELETE', `${paths.listSessions}?except=current`)).status).toBe(429)
  })

  test('a thief of a session cannot prevent its owner from ending it [D12]', async () => {
    const { server, send } = await started({ throttleScale })
    const owner = bearer((await server.signIn()).accessToken)
    for (let count = 0; count < scaled(throttlePolicy.session_end.user.tries); count++)
      await send('DELETE', `${paths.listSessions}/${count}`)
    expect((await send('DELETE', `${paths.listSessions}/0`)).status).toBe(429)
    expect((await send('DELETE', `${paths.listSessions}?except=current`, undefined, owner)).status).toBe(200)
    expect((await send('GET', paths.readSession)).status).toBe(401)
  })

  test('a refused change of the profile changes nothing and records no event [D12]', async () => {
    const { store, send } = await started({ throttleScale })
    for (let count = 0; count < 3 * scaled(throttlePolicy.profile_change.user.tries); count++)
      await send('PATCH', paths.readProfile, { name: `Ada ${count}` })
    const changes = await store.query(`select id from audit_event where action = 'profile_change'`)
    expect(changes).toHaveLength(scaled(throttlePolicy.profile_change.user.tries))
    const [user] = await store.query<{ name: string }>('select name from "user"')
    expect(user?.name).toBe(`Ada ${changes.length - 1}`)
  })

  describe('downloads of the user’s data', () => {
    /** Adds this many audit events, with all values that could break the JSON. */
    async function withAuditEvents(lines: number) {
      const world = await started()
      const { store, id } = world
      const agent = 'Mozilla "5.0" \\ ü'
      const rows = Array.from(
        { length: lines },
        (_, at) =>
          `('0${String(at).padStart(8, '0')}', ${at}, 'sign_in', 'success', '${id}', '${id}', null, '192.0.2.7', '${agent}', null, null)`,
      )
      while (rows.length > 0)
        await store.query(
          `insert into audit_event (id, at, action, result, actor, "userId", "sessionId", address, "userAgent", "requestId", details) values ${rows.splice(0, 500).join(',')}`,
        )
      return { ...world, agent, download: () => world.send('GET', paths.downloadData) }
    }

    test('are complete at any length: newest first, each event once [D12]', async () => {
      // With the three events of sign-up, sign-in and download, 247 fill a page.
      for (const lines of [0, 247, 248, 249, 250, 1_203]) {
        const { download, agent, server } = await withAuditEvents(lines)
        const answer = await download()
        expect(answer.headers.get('content-type')).toBe('application/json')
        const { user, sessions, activity } = (await answer.json()) as {
          user: object
          sessions: object[]
          activity: { at: number; userAgent: string }[]
        }
        expect([user, sessions]).toMatchObject([{ email }, [{}]])
        const old = activity.filter(({ at }) => at < server.clock() - 86_400_000)
        expect(old.map(({ at }) => at)).toEqual(Array.from({ length: lines }, (_, at) => lines - 1 - at))
        expect(old.every(({ userAgent }) => userAgent === agent)).toBe(true)
      }
    })

    test('are limited to one at a time and a number in an hour; one that is not read is abandoned [D12]', async () => {
      const { server, download, authorization } = await withAuditEvents(600)
      const url = `${server.sallyport.config.issuer}${paths.downloadData}`
      const begin = (method = 'GET') =>
        server.sallyport.fetch(new Request(url, { method, headers: authorization }))
      const first = await begin()
      expect(first.status).toBe(200)
      const second = await download()
      expect([second.status, await second.json()]).toMatchObject([
        429,
        { detail: expect.stringMatching(/under way/) },
      ])
      await server.addUser('eve@example.com')
      const other = bearer((await server.signIn('eve@example.com')).accessToken)
      expect((await server.get(paths.downloadData, other)).status).toBe(200)
      await first.text()
      expect((await (await begin()).body?.cancel()) ?? null).toBeNull()
      expect((await begin('HEAD')).status).toBe(200)
      expect((await begin()).status).toBe(200)
      expect((await begin()).status).toBe(429)
      server.clock.advance(60)
      const { tries } = throttlePolicy.download.user
      for (let count = 4; count < tries; count++) await (await begin()).text()
      const refused = await download()
      expect([refused.status, refused.headers.get('ratelimit')]).toEqual([
        429,
        expect.stringContaining('"download_user";r=0'),
      ])
    })

    test('hold the newest 10,000 events and no more', async () => {
      const { download } = await withAuditEvents(10_000)
      const { activity } = (await (await download()).json()) as { activity: { at: number }[] }
      expect(activity).toHaveLength(10_000)
      expect(activity.at(-1)?.at).toBe(3)
    })

    test('an abandoned one does not unlock a third during the second', async () => {
      const { server, authorization } = await withAuditEvents(600)
      const url = `${server.sallyport.config.issuer}${paths.downloadData}`
      const begin = () => server.sallyport.fetch(new Request(url, { headers: authorization }))
      const first = await begin()
      server.clock.advance(60)
      expect((await begin()).status).toBe(200)
      await first.body?.cancel()
      expect((await begin()).status).toBe(429)
    })

    test('one that fails, at the beginning or in the middle, does not block another', async () => {
      const { server, store, authorization, download } = await withAuditEvents(600)
      await store.query('alter table throttle rename to away')
      const broken = await download()
      await store.query('alter table away rename to throttle')
      expect(broken.status).toBe(500)
      const url = `${server.sallyport.config.issuer}${paths.downloadData}`
      const cut = await server.sallyport.fetch(new Request(url, { headers: authorization }))
      await store.query('alter table audit_event rename to away')
      await expect(cut.text()).rejects.toThrow()
      await store.query('alter table away rename to audit_event')
      expect((await download()).status).toBe(200)
    })

    test('other requests are answered between the pieces of eight long ones [D12]', async () => {
      const { server, send, store, authorization } = await withAuditEvents(2_000)
      const people = [authorization]
      for (let at = 0; at < 7; at++) {
        const { id } = await server.addUser(`person-${at}@example.com`)
        await store.query(
          `insert into audit_event (id, at, action, result, actor, "userId") select id || '-${at}', at, action, result, '${id}', '${id}' from audit_event where "userAgent" is not null and "requestId" is null and at < 2000`,
        )
        people.push(bearer((await server.signIn(`person-${at}@example.com`)).accessToken))
      }
      let open = people.length
      let answeredMeanwhile = 0
      const downloads = people.map(async (headers) => {
        const text = await (await send('GET', paths.downloadData, undefined, headers)).text()
        open -= 1
        return (JSON.parse(text) as { activity: object[] }).activity.length
      })
      while (open > 0) {
        expect((await server.get(paths.health)).status).toBe(200)
        if (open > 0) answeredMeanwhile += 1
        await new Promise((resolve) => setImmediate(resolve))
      }
      for (const length of await Promise.all(downloads)) expect(length).toBeGreaterThan(2_000)
      // At least once for each piece of 250 events.
      expect(answeredMeanwhile).toBeGreaterThan(2_000 / 250)
    })
  })
})
