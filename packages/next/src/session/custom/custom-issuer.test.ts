import { generateKeyPairSync } from 'node:crypto'
import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { readConfig } from '../../config/config.ts'
import { type CustomIssuerOptions, customIssuer, type Send } from '../../config/custom-issuer.ts'
import { type Changes, optionsFor, startCustom as started } from '../../testing/custom-pages.ts'
import { createSend } from './send.ts'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => complaints.mockRestore())
const complained = () => complaints.mock.calls.flat().join('\n')

function otherKey(): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return publicKey.export({ format: 'pem', type: 'spki' }).toString()
}

describe('a backend that issues tokens itself', () => {
  it('signs in, checks the session with the backend, and signs out there', async () => {
    const { backend, page } = await started()
    const answer = await page.signIn()
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({ user: { id: '7', name: 'Ada', email: 'ada@example.com' } })
    expect(JSON.stringify(answer.body)).not.toContain('Token')
    expect(Object.keys(page.jar()).sort()).toEqual(['accessToken', 'refreshToken'])
    expect(await page.principal()).toMatchObject({ userId: '7', roles: ['member'] })
    expect((await page.ask('GET', paths.readProfile)).body).toMatchObject({ user: { name: 'Ada' } })
    expect((await page.ask('GET', '/api/things')).status).toBe(200)
    expect((await page.ask('POST', paths.signOut)).status).toBe(204)
    expect(page.jar()).toEqual({})
    expect(backend.live.size).toBe(0)
    expect(backend.bodies.find(({ username }) => username)).toEqual({
      username: 'ada@example.com',
      password: 'right',
    })
    expect(complained()).toBe('')
  })

  it('refuses after a sign-out a token that was copied before', async () => {
    const { page, open } = await started()
    await page.signIn()
    const copied = open({ accessToken: page.jar().accessToken ?? '' })
    expect(await copied.principal()).not.toBe(null)
    await page.ask('POST', paths.signOut)
    expect(await copied.principal()).toBe(null)
  })

  it('refreshes an expired token once for concurrent requests [R11]', async () => {
    const { backend, page, open } = await started()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    const tabs = Array.from({ length: 20 }, () => open({ refreshToken }))
    const principals = await Promise.all(tabs.map((tab) => tab.principal()))
    expect(principals.every((principal) => principal !== null && typeof principal === 'object')).toBe(true)
    expect(backend.count('POST /refresh')).toBe(1)
    const late = open({ refreshToken })
    expect(await late.principal()).toMatchObject({ userId: '7' })
    expect(late.jar().refreshToken).toBe(tabs[0]?.jar().refreshToken)
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('renews a token that the API refuses, and repeats the call once', async () => {
    const { backend, page } = await started()
    await page.signIn()
    let refusals = 0
    Object.defineProperty(backend.answers, 'GET /things', {
      get: () => (refusals++ === 0 ? { status: 401 } : undefined),
    })
    expect((await page.ask('GET', '/api/things')).status).toBe(200)
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('renews a refused token at the next request if it could not before', async () => {
    const { backend, page, runtime } = await started()
    await page.signIn()
    runtime.outdate?.(page.jar().accessToken ?? '')
    expect(await page.principal()).toMatchObject({ userId: '7' })
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it.each([401, 403])('ends the session after %i to a refresh', async (status) => {
    const { backend, page, open } = await started()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    backend.answers['POST /refresh'] = { status }
    const tab = open({ refreshToken })
    expect(await tab.principal()).toBe(null)
    expect(tab.jar()).toEqual({})
  })

  it.each([
    ['500', { status: 500 }],
    ['400', { status: 400 }],
    ['a redirect', { status: 302, headers: { location: '/login' } }],
    ['no connection', 'end'],
    ['no JSON', { status: 200, body: '<html>' }],
    ['no tokens', { status: 200, body: { message: 'ok' } }],
    ['a token that is no string', { status: 200, body: { accessToken: 7 } }],
    ['a token that fits no cookie', { status: 200, body: { accessToken: 'x'.repeat(4000) } }],
    ['a token with a blank', { status: 200, body: { accessToken: 'x; Path=/evil' } }],
  ] as const)('keeps the session after %s to a refresh [D08]', async (_, answer) => {
    const { backend, page, open } = await started()
    await page.signIn()
    const { refreshToken = '' } = page.jar()
    backend.answers['POST /refresh'] = answer
    const tab = open({ refreshToken })
    expect(await tab.principal()).toBe(503)
    expect(tab.jar()).toEqual({ refreshToken })
    delete backend.answers['POST /refresh']
    expect(await tab.principal()).toMatchObject({ userId: '7' })
  })

  it.each([
    [401, undefined, 401, 'invalid_credentials'],
    [400, undefined, 401, 'invalid_credentials'],
    [404, undefined, 401, 'invalid_credentials'],
    [429, { 'retry-after': '7' }, 429, 'too_many_requests'],
    [500, undefined, 503, 'unavailable'],
    [503, { 'retry-after': '3' }, 503, 'unavailable'],
  ])('%i to a sign-in', async (status, headers, ours, code) => {
    const { backend, page } = await started()
    backend.answers['POST /login'] = {
      status,
      ...(headers && { headers }),
      body: { secret: 'of the backend' },
    }
    const answer = await page.signIn()
    expect(answer.status).toBe(ours)
    expect(answer.body).toMatchObject({ code })
    expect(JSON.stringify(answer.body)).not.toContain('of the backend')
    if (headers) expect(answer.headers.get('retry-after')).toBe(headers['retry-after'])
    expect(page.jar()).toEqual({})
  })

  it.each([
    '',
    '[]',
    '{',
    '{"email":"a"}',
    '{"email":1,"password":"x"}',
    `{"email":"a","password":"${'x'.repeat(1025)}"}`,
  ])('does not forward an invalid sign-in: %s', async (body) => {
    const { backend, page } = await started()
    expect((await page.ask('POST', paths.signIn, { body })).status).toBe(400)
    expect(backend.seen).toEqual([])
  })

  it('signs nobody out while the backend is unreachable, and tells the pages', async () => {
    const { backend, page } = await started()
    await page.signIn()
    const jar = page.jar()
    for (const away of ['end', { status: 502 }] as const) {
      backend.answers['GET /me'] = away
      expect(await page.principal()).toBe(503)
      expect(page.jar()).toEqual(jar)
    }
    delete backend.answers['GET /me']
    expect(await page.principal()).toMatchObject({ userId: '7' })
  })

  it('signs out a disabled user whose token the backend still refreshes', async () => {
    const { backend, page } = await started()
    await page.signIn()
    backend.answers['GET /me'] = { status: 401 }
    expect(await page.principal()).toBe(null)
    expect(page.jar()).toEqual({})
    expect(backend.count('POST /refresh')).toBe(1)
  })

  it('applies a removed role within the caching time', async () => {
    const { backend, page } = await started()
    await page.signIn()
    backend.roles = ['nobody']
    expect(await page.principal()).toMatchObject({ roles: ['nobody'] })
  })

  it('checks once for parallel requests, and caches the response', async () => {
    const { backend, open } = await started({
      access: { introspect: (accessToken, send) => send('GET', '/me', undefined, { accessToken }) },
    })
    const { accessToken } = await backend.signIn()
    const tabs = Array.from({ length: 20 }, () => open({ accessToken }))
    await Promise.all(tabs.map((tab) => tab.principal()))
    expect(backend.count('GET /me')).toBe(1)
    expect(await open({ accessToken }).principal()).toMatchObject({ userId: '7' })
    expect(backend.count('GET /me')).toBe(1)
  })

  it('reads and sends tokens in backend cookies, never to the browser', async () => {
    const { backend, page } = await started({
      refresh: (refreshToken, send) =>
        send('POST', '/refresh', { refreshToken }, { cookies: { refreshToken } }),
      tokens: ({ cookies, body }) => ({
        accessToken: cookies.accessToken,
        refreshToken: cookies.refreshToken ?? body.refreshToken,
      }),
    })
    const { accessToken } = await backend.signIn()
    backend.answers['POST /login'] = {
      status: 200,
      body: { message: 'Logged in' },
      cookies: [
        `accessToken=${accessToken}; HttpOnly; Secure; SameSite=Strict; Path=/; Domain=evil.example`,
        'refreshToken=r%2E1+/==; HttpOnly; Path=/refresh',
        'theme=dark',
      ],
    }
    const answer = await page.signIn()
    expect(answer.set.sort()).toEqual(['accessToken', 'refreshToken'])
    expect(answer.headers.getSetCookie().join()).not.toMatch(/evil|theme|Path=\/refresh/)
    expect(page.jar()).toEqual({ accessToken, refreshToken: 'r~252E1~2b~2f~3d~3d' })
    await page.ask('POST', paths.refresh)
    expect(backend.headers.at(-1)?.cookie).toBe('refreshToken=r%2E1+/==')
  })

  it('ends a session without refresh token when its access token expires', async () => {
    const { page, open } = await started({ refresh: undefined })
    const answer = await page.signIn()
    expect(Object.keys(page.jar())).toEqual(['accessToken'])
    expect(answer.headers.getSetCookie()[0]).toMatch(/Max-Age=(?:599|600)\b/)
    expect(await page.principal()).toMatchObject({ userId: '7' })
    expect(await open().principal()).toBe(null)
    expect((await page.ask('POST', paths.signOut)).status).toBe(204)
    expect(page.jar()).toEqual({})
  })

  it('responds with 404 for features that the backend does not have', async () => {
    const { backend, page } = await started()
    await page.signIn()
    const before = backend.seen.length
    for (const path of [paths.listSessions]) expect((await page.ask('GET', path)).status).toBe(404)
    expect((await page.ask('POST', paths.forgotPassword, { body: '{"email":"a@example.com"}' })).status).toBe(
      404,
    )
    expect(
      (await page.ask('POST', paths.signUp, { body: '{"email":"a@example.com","password":"x"}' })).status,
    ).toBe(404)
    expect(backend.seen.slice(before).filter((line) => line !== 'GET /me')).toEqual([])
    expect(Object.keys(page.jar())).toHaveLength(2)
  })

  it.each([
    [
      'principal() that finds nobody',
      { principal: () => ({ userId: undefined }) },
      'principal() gave no userId',
    ],
    [
      'principal() with one role',
      { principal: () => ({ userId: 1, roles: 'admin' }) },
      'principal() gave no roles',
    ],
    [
      'principal() that throws',
      {
        principal: () => {
          throw new Error('boom')
        },
      },
      'principal() threw: Error: boom',
    ],
    [
      'tokens() that finds nothing',
      { tokens: () => ({ accessToken: undefined }) },
      "The answer's body has accessToken, refreshToken, expiresIn",
    ],
    [
      'a public key that is another',
      { access: { publicKey: otherKey(), claims: {} } },
      'refuses the access token that the backend has just issued: the algorithm is not allowed',
    ],
    [
      'send() to another host',
      { login: (_: unknown, send: Send) => send('POST', 'https://evil.example/login') },
      'is not a path on',
    ],
  ] as const)('%s: logs the mistake, and responds with 503', async (_, options, told) => {
    const { page } = await started(options as Changes)
    const answer = await page.signIn()
    expect(answer.status).toBe(503)
    expect(page.jar()).toEqual({})
    expect(complained()).toContain(told)
    expect(complained()).not.toContain('eyJ')
  })

  it('sends details of the browser, and none of its cookies', async () => {
    const { backend, page } = await started()
    await page.ask('POST', paths.signIn, {
      body: JSON.stringify({ email: 'ada@example.com', password: 'right' }),
      headers: {
        'x-forwarded-for': '203.0.113.9',
        'user-agent': 'Firefox',
        'x-request-id': 'request-1',
        cookie: 'theme=dark',
      },
    })
    expect(backend.headers[0]).toMatchObject({
      'x-forwarded-for': '203.0.113.9',
      'user-agent': 'Firefox',
      'x-request-id': 'request-1',
    })
    expect(backend.headers[0]).not.toHaveProperty('cookie')
  })
})

describe('send', () => {
  const browser = { address: null, userAgent: null, requestId: null, device: null }

  it.each(['//evil.example/', '/\\evil.example/', 'https://evil.example/', 'login', ''])(
    'refuses %s, which is not a path on the backend [X15]',
    async (path) => {
      const send = createSend(new URL('http://localhost:9'), 100, browser)
      await expect(send('GET', path)).rejects.toThrow('is not a path on')
    },
  )
})

describe('the options', () => {
  const options = optionsFor('http://localhost:8000')

  it.each<[object, string]>([
    [{ url: 'localhost:8000' }, 'must be an http or https origin'],
    [{ url: 'http://localhost:8000/api' }, 'Give the paths to `send`'],
    [{ login: undefined }, 'needs the function `login`'],
    [{ refersh: () => null }, 'has no option `refersh`'],
    [{ logout: '/logout' }, '`logout` must be a function'],
    [{ isEnded: 401 }, '`isEnded` must be a function'],
    [{ access: { introspect: undefined } }, '`access.introspect` must be a function'],
    [{ access: { introspect: () => null, rememberSecond: 1 } }, '`access` has no option `rememberSecond`'],
    [{ access: undefined }, 'needs `access`'],
    [{ access: { publicKey: 'x' } }, '`access.claims` is missing'],
    [{ access: { introspect: () => null, rememberSeconds: 3600 } }, 'from 0 to 60'],
  ])('%o', (change, told) => {
    expect(() => customIssuer({ ...options, ...change } as CustomIssuerOptions)).toThrow(told)
  })

  it('needs neither an auth server nor an audience', () => {
    const config = readConfig({ issuer: customIssuer(options), app: 'http://localhost:3000' }, {})
    expect(config.serverUrl.origin).toBe('http://localhost:8000')
    expect(config.custom).not.toBe(null)
  })
})
