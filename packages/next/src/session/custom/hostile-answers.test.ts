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

describe('what a backend says of a token', () => {
  it.each([
    ['a page that says 200', { status: 200, body: '<html>Back soon</html>' }],
    ['200 and nothing', { status: 200, body: '' }],
    ['200 and a list', { status: 200, body: [] }],
    ['200 and more than one person can be', { status: 200, body: { ...huge, id: 7 } }],
    ['429', { status: 429, body: { id: 7 } }],
    ['a redirect to a sign-in page', { status: 302, headers: { location: '/login' } }],
  ])('%s is an outage, and nobody is signed out [D08]', async (_, answer) => {
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
  ])('%s: it is not good, and is renewed', async (_, body) => {
    const { backend, page } = await startCustom()
    await page.signIn()
    let asked = 0
    Object.defineProperty(backend.answers, 'GET /me', {
      get: () => (asked++ === 0 ? { status: 200, body } : undefined),
    })
    expect(await page.principal()).toMatchObject({ userId: '7' })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('`active: false` beside a name: nobody, and no word to the developer', async () => {
    const { backend, page } = await startCustom()
    await page.signIn()
    backend.answers['GET /me'] = { status: 200, body: { active: false, id: 7, roles: ['owner'] } }
    expect(await page.principal()).toBe(null)
    expect(complained()).toBe('')
  })
})

it('an answer that is relied on for a minute is not, once the token has ended', async () => {
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

it('an answer that is relied on for a minute is asked for anew when the clock has been put back', async () => {
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

it('an end that is no time, such as 1e400, is taken for ten minutes and not for ever', async () => {
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
  it('a very common mix: the access token in the body, the refresh token in a cookie', async () => {
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
  ])('a refresh with %s for a refresh token goes on with the old one', async (_, rest) => {
    const { backend, page, open } = await startCustom()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    const { accessToken } = await backend.signIn()
    backend.answers['POST /refresh'] = { status: 200, body: { accessToken, ...rest } }
    const tab = open({ refreshToken })
    expect(await tab.principal()).toMatchObject({ userId: '7' })
    expect(tab.jar()).toEqual({ accessToken, refreshToken })
  })

  it('reports once a token that is too long for a cookie, with its length and the fix [CK-04]', async () => {
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

  it('the longest that is taken comes back whole', async () => {
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

describe('signing out while another tab refreshes', () => {
  it('ends the session that comes of the refresh, at the backend and here', async () => {
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

  it('also when the refresh is over, and its cookies have not come to this tab yet', async () => {
    const { backend, page, open } = await startCustom()
    await page.signIn()
    const tab = open({ refreshToken: page.jar().refreshToken ?? '' })
    await tab.principal()
    await page.ask('POST', paths.signOut)
    expect(backend.live.size).toBe(0)
    expect(await tab.principal()).toBe(null)
  })
})

it('tokens that say that they are of one sign-in end together', async () => {
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
  it.each(['end', 'half'] as const)(
    'an answer that breaks off (%s) is an outage, in time',
    async (answer) => {
      const backend = await startStrictBackend()
      backend.answers['GET /me'] = answer
      const send = createSend(new URL(backend.url), 200, browser)
      await expect(send('GET', '/me')).rejects.toThrow('GET /me was not answered')
    },
  )

  it('follows no redirect, and reads no more than 256 KiB [X13]', async () => {
    const backend = await startStrictBackend()
    const send = createSend(new URL(backend.url), 2_000, browser)
    backend.answers['GET /me'] = { status: 307, headers: { location: `${backend.url}/things` } }
    expect(await send('GET', '/me', undefined, { accessToken: 'secret' })).toMatchObject({ status: 307 })
    expect(backend.seen).toEqual(['GET /me'])
    backend.answers['GET /me'] = { status: 200, body: huge }
    expect((await send('GET', '/me')).body).toEqual({})
  })

  it('cookies by name: the last one counts, quotes are none of the value, nothing gets at a prototype', async () => {
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

it('a `login` may say what an answer means: a locked account is "too often", not "wrong"', async () => {
  const { backend, page } = await startCustom({
    async login(credentials, send) {
      const answer = await send('POST', '/login', credentials)
      return answer.body.detail === 'LockedOut' ? { ...answer, status: 429 } : answer
    },
  })
  backend.answers['POST /login'] = { status: 401, body: { detail: 'LockedOut' } }
  expect((await page.signIn()).body).toMatchObject({ status: 429, code: 'too_many_requests' })
})
