import { paths, sessionsResponseSchema } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import {
  bearer,
  claimsOf,
  frozenClock,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
} from '../../testing/sallyport.ts'
import { freshStore, storeKinds } from '../../testing/stores.ts'

const newPassword = 'a better one than before'
const sidOf = (accessToken: string) => String(claimsOf(accessToken).sid)

describe.each(storeKinds)('on %s', (kind) => {
  async function started(options: Parameters<typeof startSallyport>[0] = {}) {
    const store = await freshStore(kind)
    const server = await startSallyport({ ...store.options, ...options })
    const ada = await server.addUser()
    return { server, store, ada }
  }

  const list = async (server: TestServer, accessToken: string) =>
    sessionsResponseSchema.parse(await (await server.get(paths.listSessions, bearer(accessToken))).json())
      .sessions
  const end = (server: TestServer, accessToken: string, what = '') =>
    server.fetch(paths.listSessions + what, { method: 'DELETE', headers: bearer(accessToken) })
  const isLive = async (
    server: TestServer,
    { accessToken, refreshToken }: { accessToken: string; refreshToken: string },
  ) => {
    const introspected = (await (await server.introspect(accessToken)).json()) as { active: boolean }
    const refreshed = (await server.refresh(refreshToken)).status === 200
    return { accessToken: introspected.active, refreshToken: refreshed }
  }
  const alive = { accessToken: true, refreshToken: true }
  const dead = { accessToken: false, refreshToken: false }

  describe('the list of sessions', () => {
    test('lists the open sessions of a user: this one first, then by last use, with address and device', async () => {
      const { server } = await started()
      const [first, second, third] = [await server.signIn(), await server.signIn(), await server.signIn()]
      server.clock.advance(60)
      await server.post(paths.refresh, { refreshToken: first.refreshToken }, { 'user-agent': 'Lynx/2.9' })
      const sessions = await list(server, second.accessToken)
      expect(sessions.map(({ id }) => id)).toEqual(
        [second, first, third].map((one) => sidOf(one.accessToken)),
      )
      expect(sessions.map(({ current }) => current)).toEqual([true, false, false])
      expect(sessions[1]).toMatchObject({ lastUsedAt: server.clock(), userAgent: 'Lynx/2.9' })
      expect(JSON.stringify(sessions)).not.toMatch(/salt|generation/)
    })

    test('holds no ended, idle or expired session, and none of other users', async () => {
      const { server } = await started({ sessionIdleSeconds: 3_600, sessionAbsoluteSeconds: 7_200 })
      await server.addUser('bob@example.com')
      await server.signIn('bob@example.com')
      const old = await server.signIn()
      const idle = await server.signIn()
      const ended = await server.signIn()
      await server.post(paths.signOut, { refreshToken: ended.refreshToken })
      server.clock.advance(3_500)
      const refreshed = await requireTokens(await server.refresh(old.refreshToken))
      server.clock.advance(200)
      const here = await server.signIn()
      expect((await list(server, here.accessToken)).map(({ id }) => id)).toEqual(
        [here, refreshed].map((one) => sidOf(one.accessToken)),
      )
      expect(await list(server, here.accessToken)).not.toContainEqual(
        expect.objectContaining({ id: sidOf(idle.accessToken) }),
      )
      server.clock.advance(3_500)
      const later = await requireTokens(await server.refresh(here.refreshToken))
      expect(await list(server, later.accessToken)).toHaveLength(1)
    })
  })

  describe('ending', () => {
    test('one session ends at once, and no other; ending it again changes nothing', async () => {
      const { server } = await started()
      const [here, there] = [await server.signIn(), await server.signIn()]
      for (let times = 0; times < 2; times += 1)
        expect((await end(server, here.accessToken, `/${sidOf(there.accessToken)}`)).status).toBe(204)
      expect(await isLive(server, there)).toEqual(dead)
      expect(await isLive(server, here)).toEqual(alive)
    })

    test('a session of another user is not found', async () => {
      const { server } = await started()
      await server.addUser('bob@example.com')
      const [ada, bob] = [await server.signIn(), await server.signIn('bob@example.com')]
      for (const id of [sidOf(bob.accessToken), 'none', '%00', '../sessions', `${sidOf(bob.accessToken)}x`])
        expect((await end(server, ada.accessToken, `/${encodeURIComponent(id)}`)).status, id).toBe(404)
      expect(await isLive(server, bob)).toEqual(alive)
      expect(await isLive(server, ada)).toEqual(alive)
    })

    test('all other sessions end, and this one continues after a refresh', async () => {
      const { server, store } = await started()
      await server.addUser('bob@example.com')
      const bob = await server.signIn('bob@example.com')
      const others = [await server.signIn(), await server.signIn(), await server.signIn()]
      const here = await server.signIn()
      const answer = await end(server, here.accessToken, '?except=current')
      expect(await answer.json()).toEqual({ ended: 3 })
      for (const other of others) expect(await isLive(server, other)).toEqual(dead)
      // One entry in the revocation log for any number of sessions: this session stays, but its token is stale.
      expect(await store.query('select seq from revocation')).toHaveLength(1)
      expect((await server.session(here.accessToken)).status).toBe(401)
      const next = await requireTokens(await server.refresh(here.refreshToken))
      expect(await list(server, next.accessToken)).toHaveLength(1)
      expect(await isLive(server, bob)).toEqual(alive)
    })

    test('signing out everywhere also ends this session, and clears its cookies', async () => {
      const { server } = await started()
      const other = await server.signIn()
      const browser = server.browser()
      await browser.signIn()
      const answer = await browser.send('DELETE', paths.listSessions)
      expect(await answer.json()).toEqual({ ended: 2 })
      expect([...browser.jar.keys()]).toEqual(['sallyport_device'])
      expect(await isLive(server, other)).toEqual(dead)
    })

    test.each([
      '?except=',
      '?except=others',
      '?except=current&except=current',
      '?Except=current',
      '?everything',
    ])('refuses DELETE with %s, and ends nothing', async (query) => {
      const { server } = await started()
      const [here, there] = [await server.signIn(), await server.signIn()]
      expect((await end(server, here.accessToken, query)).status).toBe(400)
      expect(await isLive(server, there)).toEqual(alive)
      expect(await isLive(server, here)).toEqual(alive)
    })
  })

  describe('a change of the password', () => {
    const change = (
      server: TestServer,
      accessToken: string,
      currentPassword = password,
      next = newPassword,
    ) => server.post(paths.changePassword, { currentPassword, newPassword: next }, bearer(accessToken))
    const signInWith = (server: TestServer, secret: string) =>
      server.post(paths.signIn, { email: 'ada@example.com', password: secret, transport: 'bearer' })

    test('makes only the new one work; every other session ends, and this one continues [R07, S09]', async () => {
      const { server } = await started()
      const [here, there] = [await server.signIn(), await server.signIn()]
      expect((await change(server, here.accessToken)).status).toBe(204)
      expect(await isLive(server, there)).toEqual(dead)
      expect((await server.refresh(here.refreshToken)).status).toBe(200)
      expect((await signInWith(server, password)).status).toBe(401)
      expect((await signInWith(server, newPassword)).status).toBe(200)
    })

    test('needs the current password and a long enough new one, else nothing changes', async () => {
      const { server } = await started()
      const [here, there] = [await server.signIn(), await server.signIn()]
      const wrong = await change(server, here.accessToken, 'not my password')
      expect([wrong.status, await wrong.json()]).toMatchObject([
        400,
        { errors: [{ field: 'currentPassword' }] },
      ])
      const short = await change(server, here.accessToken, password, 'short')
      expect([short.status, await short.json()]).toMatchObject([400, { errors: [{ field: 'newPassword' }] }])
      // The new password is checked before the current one, so its refusal does not count as a wrong try.
      const both = await change(server, here.accessToken, 'not my password', 'short')
      expect(await both.json()).toMatchObject({ errors: [{ field: 'newPassword' }] })
      expect(both.headers.get('ratelimit')).toBeNull()
      expect(await isLive(server, there)).toEqual(alive)
      expect((await signInWith(server, password)).status).toBe(200)
    })

    test('of two concurrent changes one wins, and its password works', async () => {
      const { server } = await started()
      const [here, there] = [await server.signIn(), await server.signIn()]
      const words = ['the first of two words', 'the second of two words']
      const answers = await Promise.all([
        change(server, here.accessToken, password, words[0]),
        change(server, there.accessToken, password, words[1]),
      ])
      const statuses = answers.map(({ status }) => status)
      const winner = statuses.indexOf(204)
      expect(statuses.filter((status) => status === 204)).toHaveLength(1)
      // For the other, the current password was no longer right, or its session had ended.
      expect([400, 401]).toContain(statuses[1 - winner])
      expect((await signInWith(server, words[winner] as string)).status).toBe(200)
      expect((await signInWith(server, words[1 - winner] as string)).status).toBe(401)
    })

    test('ends everything of the old password, despite concurrent sign-ins and refreshes [S09]', async () => {
      const { server } = await started()
      const here = await server.signIn()
      const others = await Promise.all(Array.from({ length: 5 }, () => server.signIn()))
      const [, ...answers] = await Promise.all([
        change(server, here.accessToken),
        ...others.map(({ refreshToken }) => server.refresh(refreshToken)),
        ...Array.from({ length: 10 }, () => signInWith(server, password)),
      ])
      const issued = await Promise.all(
        answers.filter(({ status }) => status === 200).map((answer) => requireTokens(answer)),
      )
      for (const tokens of issued) {
        expect(await isLive(server, tokens)).toEqual(dead)
      }
    })
  })

  describe('an operator', () => {
    test('changes roles: tokens are stale until refreshed, and nobody is signed out [R07]', async () => {
      const { server, ada } = await started({ rolePermissions: { finance: ['report:read'] } })
      const here = await server.signIn()
      await server.sallyport.operator.users.setRoles(ada.id, ['finance', 'finance'])
      const stale = await server.session(here.accessToken)
      expect([stale.status, await stale.json()]).toMatchObject([401, { code: 'token_stale' }])
      const next = await requireTokens(await server.refresh(here.refreshToken))
      expect(claimsOf(next.accessToken)).toMatchObject({ roles: ['finance'], permissions: ['report:read'] })
      expect((await server.session(next.accessToken)).status).toBe(200)
    })

    test('disables a user: every session ends, and sign-ins fail without a reason until enabled again [R07]', async () => {
      const { server, ada } = await started()
      const { users } = server.sallyport.operator
      const here = await server.signIn()
      await users.disable(ada.id)
      expect(await isLive(server, here)).toEqual(dead)
      const refused = await server.post(paths.signIn, {
        email: 'ada@example.com',
        password,
        transport: 'bearer',
      })
      const unknown = await server.post(paths.signIn, {
        email: 'nobody@example.com',
        password,
        transport: 'bearer',
      })
      const { requestId: _, ...one } = (await refused.json()) as Record<string, unknown>
      const { requestId: __, ...other } = (await unknown.json()) as Record<string, unknown>
      expect([refused.status, one]).toEqual([unknown.status, other])
      expect((await users.find('ADA@example.com'))?.disabledAt).toBe(server.clock())
      await users.enable(ada.id)
      expect((await server.signIn()).accessToken).toBeTruthy()
    })

    test('creates a user with the normalized address, and refuses roles too large for a token', async () => {
      const { server, ada } = await started({ rolePermissions: {} })
      const { users } = server.sallyport.operator
      const created = await users.create({
        email: 'Bob@Example.com',
        name: ' Bob ',
        password,
        roles: ['a b'],
      })
      expect(created).toMatchObject({ email: 'bob@example.com', name: 'Bob', roles: ['a b'] })
      expect((await server.signIn('bob@example.com')).accessToken).toBeTruthy()
      const many = Array.from({ length: 150 }, (_, index) => `a role with number ${index}`)
      for (const roles of [['a,b'], [''], ['x'.repeat(65)], ['a\nb'], many]) {
        await expect(users.setRoles(ada.id, roles)).rejects.toMatchObject({ code: 'invalid_request' })
        const eve = { email: 'eve@example.com', name: 'Eve', password, roles }
        await expect(users.create(eve)).rejects.toMatchObject({ code: 'invalid_request' })
      }
      for (const wrong of [{ email: 'no address' }, { name: '' }])
        await expect(
          users.create({ email: 'eve@example.com', name: 'Eve', password, ...wrong }),
        ).rejects.toMatchObject({ code: 'invalid_request' })
    })

    test('finds users, lists sessions and revokes them', async () => {
      const { server, ada } = await started()
      const { users, sessions } = server.sallyport.operator
      server.clock.advance(1)
      await server.addUser('bob@example.com')
      const [one, other] = [await server.signIn(), await server.signIn()]
      expect(await users.find(ada.id)).toMatchObject({ email: 'ada@example.com', signedInAt: server.clock() })
      expect(await users.find('nobody')).toBeNull()
      const listed: string[] = []
      for await (const { email } of users.list()) listed.push(email)
      expect(listed).toEqual(['ada@example.com', 'bob@example.com'])
      expect(await sessions.list(ada.id)).toHaveLength(2)
      expect(await sessions.revoke(sidOf(one.accessToken))).toBe(true)
      expect(await sessions.revoke('none')).toBe(false)
      expect(await isLive(server, one)).toEqual(dead)
      expect(await sessions.revokeAll(ada.id)).toBe(1)
      expect(await isLive(server, other)).toEqual(dead)
      await expect(users.setRoles('nobody', [])).rejects.toMatchObject({ code: 'not_found' })
    })

    test('revokes a compromised key: its tokens are refused at once, and sessions continue with another', async () => {
      const { server } = await started()
      const here = await server.signIn()
      const { keys } = server.sallyport.operator
      const [signing] = keys.list().filter(({ state }) => state === 'signing')
      await keys.revoke(signing?.kid ?? '')
      const refused = await server.session(here.accessToken)
      expect(refused.status).toBe(401)
      const next = await requireTokens(await server.refresh(here.refreshToken))
      expect((await server.session(next.accessToken)).status).toBe(200)
    })
  })

  test('changes and revocations by one process take effect in another at once', async () => {
    const { server: one, store, ada } = await started()
    const other = await startSallyport(store.options, frozenClock())
    const [here, there] = [await one.signIn(), await other.signIn()]
    await end(one, here.accessToken, `/${sidOf(there.accessToken)}`)
    expect(await isLive(other, there)).toEqual(dead)
    await other.sallyport.operator.users.setRoles(ada.id, ['finance'])
    expect((await one.session(here.accessToken)).status).toBe(401)
    const next = await requireTokens(await other.refresh(here.refreshToken))
    expect((await one.session(next.accessToken)).status).toBe(200)
  })
})
