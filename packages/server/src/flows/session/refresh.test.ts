import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import {
  type BearerSession,
  bearer,
  claimsOf,
  requireTokens,
  startSallyport,
  type TestServer,
  testOptions,
} from '../../testing/sallyport.ts'
import { keyringOf } from '../../tokens/keyring.ts'
import { createRefreshTokens } from '../../tokens/refresh-token.ts'

async function signedIn(options = {}): Promise<{ server: TestServer; first: BearerSession }> {
  const server = await startSallyport(options)
  await server.addUser()
  return { server, first: await server.signIn() }
}

async function isAlive(server: TestServer, refreshToken: string): Promise<boolean> {
  return (await server.refresh(refreshToken)).status === 200
}

async function codeOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { code: string }).code
}

describe('refresh', () => {
  test('returns a new pair; claims and auth_time are those of the sign-in [AT-06, AT-09]', async () => {
    const { server, first } = await signedIn()
    server.clock.advance(300)
    const second = await requireTokens(await server.refresh(first.refreshToken))
    const [before, after] = [claimsOf(first.accessToken), claimsOf(second.accessToken)]
    expect(Object.keys(after).sort()).toEqual(
      [
        'acr',
        'amr',
        'aud',
        'auth_time',
        'client_id',
        'exp',
        'iat',
        'iss',
        'jti',
        'permissions',
        'roles',
        'sid',
        'sub',
        'ver',
      ].sort(),
    )
    const lasting = 'iss aud client_id sub sid ver auth_time amr acr roles permissions'
    for (const claim of lasting.split(' ')) expect(after[claim]).toEqual(before[claim])
    expect(after.jti).not.toBe(before.jti)
    expect(after.iat).toBe(Number(before.iat) + 300)
    expect(second.refreshToken).not.toBe(first.refreshToken)
    expect((await server.session(first.accessToken)).status).toBe(200)
  })

  test('a reused token ends the session and everything issued from it [R01]', async () => {
    const { server, first } = await signedIn()
    const second = await requireTokens(await server.refresh(first.refreshToken))
    const third = await requireTokens(await server.refresh(second.refreshToken))
    const replay = await server.refresh(first.refreshToken)
    expect([replay.status, await codeOf(replay)]).toEqual([401, 'session_ended'])
    expect(await isAlive(server, third.refreshToken)).toBe(false)
    expect(await codeOf(await server.session(third.accessToken))).toBe('session_ended')
    expect(await (await server.introspect(third.accessToken)).json()).toEqual({ active: false })
    expect(server.rows<{ endReason: string }>('session').map(({ endReason }) => endReason)).toEqual(['reuse'])
  })

  test('fifty at once are one rotation with one successor [R02, R03]', async () => {
    const { server, first } = await signedIn()
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => requireTokens(await server.refresh(first.refreshToken))),
    )
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(1)
    expect(server.rows('session')).toMatchObject([{ generation: 1, branches: 1, endedAt: null }])
    expect(await isAlive(server, answers[0]?.refreshToken ?? '')).toBe(true)
  })

  test('the losers of a race after the grace get siblings that work [R03]', async () => {
    const { server, first } = await signedIn()
    await server.refresh(first.refreshToken)
    server.clock.advance(60)
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => requireTokens(await server.refresh(first.refreshToken))),
    )
    expect(new Set(answers.map(({ refreshToken }) => refreshToken)).size).toBe(20)
    expect(server.rows('session')).toMatchObject([{ generation: 1, branches: 21, endedAt: null }])
    expect(await isAlive(server, answers[7]?.refreshToken ?? '')).toBe(true)
    expect(await isAlive(server, answers[8]?.refreshToken ?? '')).toBe(false)
  })

  test('a repeat within the grace writes nothing [R02]', async () => {
    const { server, first } = await signedIn()
    const second = await requireTokens(await server.refresh(first.refreshToken))
    const before = server.rows('session')
    server.clock.advance(10)
    const again = await requireTokens(await server.refresh(first.refreshToken))
    expect(again.refreshToken).toBe(second.refreshToken)
    expect(server.rows('session')).toEqual(before)
  })

  test('after a lost response, the next try gets a sibling, and the first one used wins [R04]', async () => {
    const { server, first } = await signedIn()
    const lost = await requireTokens(await server.refresh(first.refreshToken))
    server.clock.advance(11)
    const sibling = await requireTokens(await server.refresh(first.refreshToken))
    expect(sibling.refreshToken).not.toBe(lost.refreshToken)
    const third = await requireTokens(await server.refresh(sibling.refreshToken))
    expect(await isAlive(server, lost.refreshToken)).toBe(false)
    expect(await isAlive(server, third.refreshToken)).toBe(false)
  })

  test('the previous token works if the rotation was committed and never answered [R05]', async () => {
    const { server, first } = await signedIn()
    server.execute(
      `update session set generation = 1, parentBranch = 0, branches = 1, openedAt = ${server.clock()}`,
    )
    expect(await isAlive(server, first.refreshToken)).toBe(true)
    server.clock.advance(3600)
    expect(await isAlive(server, first.refreshToken)).toBe(true)
  })

  test('refuses a refresh token sent with the access token of another session, and spends nothing [R06]', async () => {
    const { server, first } = await signedIn()
    await server.addUser('eve@example.com')
    const eve = await server.signIn('eve@example.com')
    const answer = await server.post(
      paths.refresh,
      { refreshToken: first.refreshToken },
      bearer(eve.accessToken),
    )
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'credential_conflict'])
    expect(server.rows('session')).toMatchObject([{ generation: 0 }, { generation: 0 }])
    const own = await server.post(
      paths.refresh,
      { refreshToken: first.refreshToken },
      bearer(first.accessToken),
    )
    expect(claimsOf((await requireTokens(own)).accessToken).sub).toBe(claimsOf(first.accessToken).sub)
  })

  test('with a planted cookie, clears both cookies and spends neither session [R06]', async () => {
    const { server, first } = await signedIn()
    await server.addUser('eve@example.com')
    const browser = server.browser()
    await browser.signIn('eve@example.com')
    browser.jar.set('accessToken', first.accessToken)
    const answer = await browser.post(paths.refresh)
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'credential_conflict'])
    expect([...browser.jar.keys()]).toEqual(['sallyport_device'])
    expect(server.rows('session')).toMatchObject([{ generation: 0 }, { generation: 0 }])
  })

  test('reads the token from the body or the cookie only [R06]', async () => {
    const { server, first } = await signedIn()
    const { refreshToken } = first
    const elsewhere = [
      server.post(`${paths.refresh}?refreshToken=${refreshToken}`, {}),
      server.post(paths.refresh, {}, bearer(refreshToken)),
      server.post(paths.refresh, {}, { 'x-refresh-token': refreshToken }),
    ]
    for (const answer of await Promise.all(elsewhere)) {
      expect([answer.status, await codeOf(answer)]).toEqual([401, 'token_missing'])
    }
    const both = await server.post(
      paths.refresh,
      { refreshToken },
      { cookie: `refreshToken=${refreshToken}`, origin: 'http://localhost:3000' },
    )
    expect(await codeOf(both)).toBe('credential_conflict')
    expect(server.rows('session')).toMatchObject([{ generation: 0 }])
  })

  test('refuses a token made from the secret without the salt of the session, and ends nothing', async () => {
    const { server, first } = await signedIn()
    const sid = String(claimsOf(first.accessToken).sid)
    const otherSalt = Buffer.alloc(16, 7).toString('base64url')
    const { make } = createRefreshTokens(keyringOf(testOptions.secret))
    const made = [
      make(sid, otherSalt, 0, 0),
      make(sid, otherSalt, 1, 0),
      make(crypto.randomUUID(), otherSalt, 0, 0),
    ]
    for (const token of made) {
      const answer = await server.refresh(token)
      expect([answer.status, await codeOf(answer)]).toEqual([401, 'session_ended'])
    }
    expect(server.rows('session')).toMatchObject([{ generation: 0, endedAt: null }])
    expect(await isAlive(server, first.refreshToken)).toBe(true)
  })

  test('the session ends when idle for too long, to the millisecond [R08, S10]', async () => {
    const { server, first } = await signedIn({ sessionIdleSeconds: 600, sessionAbsoluteSeconds: 3600 })
    server.clock.now += 599_999
    const second = await requireTokens(await server.refresh(first.refreshToken))
    server.clock.now += 600_000
    const answer = await server.refresh(second.refreshToken)
    expect([answer.status, await codeOf(answer)]).toEqual([401, 'session_ended'])
  })

  test('the session ends at its absolute end despite refreshes, and no token is valid longer [R08]', async () => {
    const { server, first } = await signedIn({ sessionIdleSeconds: 600, sessionAbsoluteSeconds: 3600 })
    const end = server.clock() + 3_600_000
    let current = first
    for (let minute = 5; minute < 60; minute += 5) {
      server.clock.advance(300)
      current = await requireTokens(await server.refresh(current.refreshToken))
      expect(Number(claimsOf(current.accessToken).exp) * 1000).toBeLessThanOrEqual(end)
    }
    server.clock.now = end
    expect(await isAlive(server, current.refreshToken)).toBe(false)
    expect((await server.session(current.accessToken)).status).toBe(401)
  })

  test('idle and absolute ends stay the same after a restart [S10]', async () => {
    const { server, first } = await signedIn({ sessionIdleSeconds: 600 })
    await server.sallyport.close()
    const again = await startSallyport({ dataDir: server.dataDir, sessionIdleSeconds: 600 }, server.clock)
    server.clock.advance(599)
    const second = await requireTokens(await again.refresh(first.refreshToken))
    server.clock.advance(600)
    expect(await isAlive(again, second.refreshToken)).toBe(false)
  })

  test.each<Record<string, unknown>>([
    { scope: 'admin' },
    { aud: 'other' },
    { sub: 'x' },
    { client_id: 'x' },
    { role: 'owner' },
  ])('refuses %j besides the token [R09]', async (extra) => {
    const { server, first } = await signedIn()
    const answer = await server.post(paths.refresh, { refreshToken: first.refreshToken, ...extra })
    expect(answer.status).toBe(400)
    expect(server.rows('session')).toMatchObject([{ generation: 0 }])
  })

  test('methods other than POST rotate nothing [R10, S15]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    for (const [method, status] of [
      ['GET', 405],
      ['HEAD', 405],
      ['OPTIONS', 204],
      ['PUT', 405],
      ['DELETE', 405],
    ] as const)
      expect((await browser.send(method, paths.refresh)).status).toBe(status)
    expect(server.rows('session')).toMatchObject([{ generation: 0 }])
  })

  test('a sign-out ends the session despite concurrent refreshes [R12]', async () => {
    const { server, first } = await signedIn()
    const race = Array.from({ length: 10 }, async (_, index) => {
      if (index === 4) await server.post(paths.signOut, { refreshToken: first.refreshToken })
      return server.refresh(first.refreshToken)
    })
    const answers = await Promise.all(race)
    for (const answer of answers) {
      if (answer.status !== 200) continue
      const { accessToken, refreshToken } = await requireTokens(answer)
      expect((await server.session(accessToken)).status).toBe(401)
      expect(await isAlive(server, refreshToken)).toBe(false)
    }
    expect(server.rows('session')).toMatchObject([{ endReason: 'sign_out' }])
  })

  test('refuses garbage without reading the database [R13]', async () => {
    const { server, first } = await signedIn()
    await server.sallyport.close()
    const garbage = `${first.refreshToken.slice(0, -1)}${first.refreshToken.endsWith('A') ? 'B' : 'A'}`
    expect((await server.refresh(garbage)).status).toBe(401)
    expect((await server.refresh(first.refreshToken)).status).toBe(500)
  })
})
