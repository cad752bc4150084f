import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { customIssuer } from '../../config/custom-issuer.ts'
import { optionsFor, startCustom } from '../../testing/custom-pages.ts'
import { startStrictBackend } from '../../testing/strict-backend.ts'
import { createBackendMemory } from './backend-memory.ts'
import { createSend } from './send.ts'
import { createCustomVerifier } from './verifier.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())
const complained = () => complaints.mock.calls.flat().join('\n')

const browser = { address: null, userAgent: null, requestId: null, device: null }
const huge = { padding: 'x'.repeat(300 * 1024) }

describe('a backend’s response about a token', () => {
  it.each([
    ['a page that says 200', { status: 200, body: '<html>Back soon</html>' }],
    ['200 and nothing', { status: 200, body: '' }],
    ['200 and a list', { status: 200, body: [] }],
    ['200 and more than one person can be', { status: 200, body: { ...huge, id: 7 } }],
    ['429', { status: 429, body: { id: 7 } }],
    ['a redirect to a sign-in page', { status: 302, headers: { location: '/login' } }],
  ])('treats %s as an outage, and signs nobody out [D08]', async (_, answer) => {
    const { backend, page } = await startCustom()
    await page.signIn()
    const jar = page.jar()
    backend.answers['GET /me'] = answer
    expect(await page.principal()).toBe(503)
    expect(page.jar()).toEqual(jar)
    expect(backend.count('POST /refresh')).toBe(0)
    expect(backend.count('GET /login')).toBe(0)
    delete backend.answers['GET /me']
    expect(await page.principal()).toMatchObject({ userId: '7' })
  })

  it.each([
    ['RFC 7662 section 2.2', { active: false }],
    ['an error with a 200', { success: false, message: 'jwt expired' }],
  ])('%s: the token is not valid, and is renewed', async (_, body) => {
    const { backend, page } = await startCustom()
    await page.signIn()
    let asked = 0
    Object.defineProperty(backend.answers, 'GET /me', {
      get: () => (asked++ === 0 ? { status: 200, body } : undefined),
    })
    expect(await page.principal()).toMatchObject({ userId: '7' })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('treats `active: false` with a user as no session, without a warning', async () => {
    const { backend, page } = await startCustom()
    await page.signIn()
    backend.answers['GET /me'] = { status: 200, body: { active: false, id: 7, roles: ['owner'] } }
    expect(await page.principal()).toBe(null)
    expect(complained()).toBe('')
  })
})

it('does not use a cached response after the token has expired', async () => {
  let now = 1_700_000_000_000
  const custom = customIssuer({
    ...optionsFor('http://localhost:9'),
    access: {
      introspect: async () => ({
        ...{ status: 200, ok: true, cookies: {}, headers: new Headers() },
        body: { id: 7, exp: 1_700_000_010 },
      }),
      rememberSeconds: 60,
    },
  })
  const send = createSend(custom.url, 100, browser)
  const { verify } = createCustomVerifier(custom, send, createBackendMemory(), () => now)
  expect(await verify('opaque')).toMatchObject({ userId: '7', expiresAt: 1_700_000_010_000 })
  now += 10_000
  await expect(verify('opaque')).rejects.toMatchObject({ code: 'token_expired' })
})

it('discards a cached response if the clock was set back', async () => {
  let now = 1_700_000_000_000
  let questions = 0
  const custom = customIssuer({
    ...optionsFor('http://localhost:9'),
    access: {
      introspect: async () => {
        questions += 1
        return { status: 200, ok: true, cookies: {}, headers: new Headers(), body: { id: 7 } }
      },
      rememberSeconds: 60,
    },
  })
  const send = createSend(custom.url, 100, browser)
  const { verify } = createCustomVerifier(custom, send, createBackendMemory(), () => now)
  await verify('opaque')
  now += 59_999
  await verify('opaque')
  expect(questions).toBe(1)
  now -= 3_600_000
  await verify('opaque')
  expect(questions).toBe(2)
})

it('uses ten minutes for an invalid expiry such as 1e400', async () => {
  const custom = customIssuer({
    ...optionsFor('http://localhost:9'),
    access: {
      introspect: async () => ({
        ...{ status: 200, ok: true, cookies: {}, headers: new Headers() },
        body: JSON.parse('{"id":7,"exp":1e400}'),
      }),
    },
  })
  const send = createSend(custom.url, 100, browser)
  const { verify } = createCustomVerifier(custom, send, createBackendMemory(), () => 1_700_000_000_000)
  expect(await verify('opaque')).toMatchObject({ expiresAt: 1_700_000_600_000 })
})

describe('tokens', () => {
  it('accepts the access token in the body and the refresh token in a cookie', async () => {
    const { backend, page, open } = await startCustom({
      refresh: (refreshToken, send) =>
        send('POST', '/refresh', { refreshToken }, { cookies: { refreshToken } }),
      tokens: ({ body, cookies }) => ({
        accessToken: body.accessToken,
        expiresIn: body.expiresIn,
        refreshToken: cookies.refreshToken,
      }),
    })
    const { accessToken, refreshToken } = await backend.signIn()
    backend.answers['POST /login'] = {
      status: 200,
      body: { accessToken, expiresIn: 900 },
      cookies: [
        `refreshToken=${refreshToken}; Max-Age=604800; Path=/api/auth/refresh; Expires=Thu, 01 Jan 2026 00:00:00 GMT; HttpOnly; Secure; SameSite=None; Partitioned`,
      ],
    }
    const answer = await page.signIn()
    expect(answer.headers.getSetCookie()[0]).toContain('Max-Age=900')
    expect(page.jar()).toEqual({ accessToken, refreshToken })
    const fresh = await backend.signIn()
    backend.answers['POST /refresh'] = {
      status: 200,
      body: { accessToken: fresh.accessToken, expiresIn: 900 },
      cookies: [`refreshToken=${fresh.refreshToken}; HttpOnly`],
    }
    const tab = open({ refreshToken })
    expect(await tab.principal()).toMatchObject({ userId: '7' })
    expect(backend.headers.find(({ cookie }) => cookie)?.cookie).toBe(`refreshToken=${refreshToken}`)
    expect(tab.jar()).toEqual(fresh)
  })

  it.each([
    ['null', { refreshToken: null }],
    ['nothing', {}],
  ])('keeps the old refresh token if a refresh returns %s', async (_, rest) => {
    const { backend, page, open } = await startCustom()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    const { accessToken } = await backend.signIn()
    backend.answers['POST /refresh'] = { status: 200, body: { accessToken, ...rest } }
    const tab = open({ refreshToken })
    expect(await tab.principal()).toMatchObject({ userId: '7' })
    expect(tab.jar()).toEqual({ accessToken, refreshToken })
  })

  it('reports once a token that is too long for a cookie, with a fix [CK-04]', async () => {
    const { backend, page } = await startCustom()
    const long = `eyJ${'x'.repeat(5_000)}`
    backend.answers['POST /login'] = { status: 200, body: { accessToken: long, refreshToken: 'r' } }
    expect((await page.signIn()).status).toBe(503)
    expect(page.jar()).toEqual({})
    expect(complained()).toMatch(
      /the access token takes 5003 characters, and a browser drops a cookie of more than 4,096 bytes: at most 3800 fit/,
    )
    expect(complained()).not.toContain('eyJ')
  })

  it('stores the longest accepted token completely', async () => {
    const { backend, page, open } = await startCustom()
    const refreshToken = 'r'.repeat(3_800)
    backend.live.add(refreshToken)
    backend.answers['POST /login'] = { status: 200, body: { ...(await backend.signIn()), refreshToken } }
    const answer = await page.signIn()
    for (const cookie of answer.headers.getSetCookie()) expect(cookie.length).toBeLessThanOrEqual(4_096)
    expect(await open({ refreshToken: page.jar().refreshToken ?? '' }).principal()).toMatchObject({
      userId: '7',
    })
  })

  it.each(['x~3b~20isAdmin=1', 'x~0d~0aX-Admin:~201', '~22', 'x'.repeat(4_000)])(
    'sends no invalid token to the backend: %s [X03]',
    async (value) => {
      const { backend, open } = await startCustom({
        refresh: (refreshToken, send) => send('POST', '/refresh', {}, { cookies: { refreshToken } }),
        logout: (refreshToken, send) => send('POST', '/logout', {}, { cookies: { refreshToken } }),
      })
      const page = open({ accessToken: value, refreshToken: value })
      expect(await page.principal()).toBe(null)
      expect(page.jar()).toEqual({})
      expect((await open({ refreshToken: value }).ask('POST', paths.signOut)).status).toBe(204)
      expect(backend.seen).toEqual([])
    },
  )
})

describe('a sign-out while another tab refreshes', () => {
  it('ends the refreshed session, at the backend and here', async () => {
    const { backend, page, open } = await startCustom()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    const { promise, resolve } = Promise.withResolvers<void>()
    backend.hold = promise
    const tab = open({ refreshToken })
    const refreshing = tab.principal()
    await expect.poll(() => backend.count('POST /refresh')).toBe(1)
    const leaving = page.ask('POST', paths.signOut)
    resolve()
    expect((await leaving).status).toBe(204)
    await refreshing
    expect(backend.live.size).toBe(0)
    expect(await tab.principal()).toBe(null)
    expect(tab.jar()).toEqual({})
  })

  it('ends it even if this tab has not got the refreshed cookies yet', async () => {
    const { backend, page, open } = await startCustom()
    await page.signIn()
    const tab = open({ refreshToken: page.jar().refreshToken ?? '' })
    await tab.principal()
    await page.ask('POST', paths.signOut)
    expect(backend.live.size).toBe(0)
    expect(await tab.principal()).toBe(null)
  })
})

it('ends tokens of one sign-in together', async () => {
  const { page, open } = await startCustom({
    principal: ({ id, roles }) => ({ userId: id, roles, sessionId: 'the one of this morning' }),
  })
  await page.signIn()
  const older = open({ accessToken: page.jar().accessToken ?? '' })
  await page.ask('POST', paths.refresh)
  expect(await older.principal()).toMatchObject({ userId: '7' })
  await page.ask('POST', paths.signOut)
  expect(await older.principal()).toBe(null)
})

describe('send', () => {
  it.each(['end', 'half'] as const)('treats a response that breaks off (%s) as an outage', async (answer) => {
    const backend = await startStrictBackend()
    backend.answers['GET /me'] = answer
    const send = createSend(new URL(backend.url), 200, browser)
    await expect(send('GET', '/me')).rejects.toThrow('GET /me was not answered')
  })

  it('follows no redirect, and reads at most 256 KiB [X13]', async () => {
    const backend = await startStrictBackend()
    const send = createSend(new URL(backend.url), 2_000, browser)
    backend.answers['GET /me'] = { status: 307, headers: { location: `${backend.url}/things` } }
    expect(await send('GET', '/me', undefined, { accessToken: 'secret' })).toMatchObject({ status: 307 })
    expect(backend.seen).toEqual(['GET /me'])
    backend.answers['GET /me'] = { status: 200, body: huge }
    expect((await send('GET', '/me')).body).toEqual({})
  })

  it('reads cookies by name: the last one, without quotes, without prototype access', async () => {
    const backend = await startStrictBackend()
    backend.answers['GET /me'] = {
      status: 200,
      cookies: ['a=1', 'a=2;HttpOnly', 'b="c=/="; Path=/', '=x', 'y', '__proto__=z', 'empty=; Max-Age=0'],
    }
    const { cookies } = await createSend(new URL(backend.url), 2_000, browser)('GET', '/me')
    expect(Object.entries(cookies)).toEqual([
      ['a', '2'],
      ['b', 'c=/='],
      ['__proto__', 'z'],
      ['empty', ''],
    ])
  })
})

it('lets `login` report a locked account as too many attempts', async () => {
  const { backend, page } = await startCustom({
    async login(credentials, send) {
      const answer = await send('POST', '/login', credentials)
      return answer.body.detail === 'LockedOut' ? { ...answer, status: 429 } : answer
    },
  })
  backend.answers['POST /login'] = { status: 401, body: { detail: 'LockedOut' } }
  expect((await page.signIn()).body).toMatchObject({ status: 429, code: 'too_many_requests' })
})
