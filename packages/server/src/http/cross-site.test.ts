import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { bearer, origin, password, startSallyport, verifierSecret } from '../testing/sallyport.ts'

const json = { 'content-type': 'application/json' }
const details = { email: 'ada@example.com', password }
const newcomer = { email: 'eve@example.com', password: 'a few good words', name: 'Eve' }

/** Every request that changes state, with a body that would succeed. */
const changes: [method: string, path: string, body: object][] = [
  ['POST', paths.signIn, details],
  ['POST', paths.signUp, newcomer],
  ['POST', paths.refresh, {}],
  ['POST', paths.signOut, {}],
  ['PATCH', paths.readProfile, { name: 'Mallory' }],
  ['POST', paths.changePassword, { currentPassword: password, newPassword: 'known to the attacker' }],
  ['DELETE', paths.listSessions, {}],
  ['POST', paths.forgotPassword, { email: details.email }],
  ['POST', paths.resetPassword, { token: 'x'.repeat(43), newPassword: 'known to the attacker' }],
  ['POST', paths.resendVerification, { email: details.email }],
  ['POST', paths.verifyAddress, { token: 'x'.repeat(43), password }],
  ['POST', paths.changeAddress, { newEmail: 'mallory@example.com', password }],
  ['POST', paths.confirmAddress, { token: 'x'.repeat(43) }],
  ['POST', paths.reauthenticate, { password }],
  ['DELETE', paths.readProfile, { password }],
]

/** Origins that are not allowed, however similar. */
const foreignOrigins = [
  'null',
  'https://evil.example',
  'http://localhost:3000.evil.example',
  'http://evil-localhost:3000',
  'http://localhost',
  'http://localhost:30000',
  'https://localhost:3000',
  'http://localhost:3000/',
  'http://localhost.:3000',
  'http://LOCALHOST:3000',
  'http://user@localhost:3000',
  'http://127.0.0.1:3000',
  'http://[::1]:3000',
  'http://xn--lcalhost-h0a:3000',
  'http://localhost:3000, http://localhost:3000',
  'http://localhost:3000 http://evil.example',
  'http://',
  'localhost:3000',
  '%00',
  '[',
  '',
]

async function withCookies() {
  const server = await startSallyport()
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
  const before = { users: server.rows('user'), sessions: server.rows('session') }
  return {
    server,
    browser,
    cookie,
    expectNothingChanged: () =>
      expect({ users: server.rows('user'), sessions: server.rows('session') }).toEqual(before),
  }
}

describe('a request that changes state, with token cookies', () => {
  test.each(changes)('%s %s requires an allowed origin [C05, C09, S07]', async (method, path, body) => {
    const { server, cookie, expectNothingChanged } = await withCookies()
    for (const foreign of [null, ...foreignOrigins]) {
      const answer = await server.fetch(path, {
        method,
        headers: { ...json, cookie, ...(foreign !== null && { origin: foreign }) },
        body: JSON.stringify(body),
      })
      expect([foreign, answer.status]).toEqual([foreign, 403])
      expect(await answer.json()).toMatchObject({ code: 'origin_refused' })
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect(answer.headers.getSetCookie()).toEqual([])
    }
    expectNothingChanged()
  })

  test.each(changes)(
    '%s %s is refused by Sec-Fetch-Site of another site [C06, C08]',
    async (method, path, body) => {
      const { server, cookie, expectNothingChanged } = await withCookies()
      for (const site of ['cross-site', 'same-site', 'none', 'nonsense', '']) {
        const headers = { ...json, cookie, origin, 'sec-fetch-site': site }
        expect((await server.fetch(path, { method, headers, body: JSON.stringify(body) })).status).toBe(403)
      }
      expectNothingChanged()
    },
  )

  // A form cannot send DELETE.
  test.each(changes.filter(([method]) => method !== 'DELETE'))(
    '%s %s accepts nothing that a form can send [C01, C02]',
    async (method, path, body) => {
      const { server, cookie, expectNothingChanged } = await withCookies()
      const text = JSON.stringify(body)
      for (const type of [
        'text/plain',
        'text/plain; application/json',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/json, text/plain',
        'text/plain, application/json',
        'application/jsonp',
        'application/json5',
        'application/problem+json',
        'json',
        '',
      ]) {
        const headers = { 'content-type': type, cookie, origin }
        const answer = await server.fetch(path, { method, headers, body: text })
        expect([type, answer.status]).toEqual([type, 415])
      }
      const untyped = await server.fetch(path, {
        method,
        headers: { cookie, origin },
        body: Buffer.from(text),
      })
      expect(untyped.status).toBe(415)
      expectNothingChanged()
    },
  )

  test.each(changes)('%s %s with JSON as text/plain from another site is 403 [C01]', async (method, path) => {
    const { server, cookie, expectNothingChanged } = await withCookies()
    const headers = { 'content-type': 'text/plain', cookie, origin: 'https://evil.example' }
    const answer = await server.fetch(path, { method, headers, body: '{"email":"b=","x":"c"}' })
    expect(answer.status).toBe(403)
    expectNothingChanged()
  })

  test('without a body from another site is refused [C03]', async () => {
    const { server, cookie, expectNothingChanged } = await withCookies()
    for (const path of [paths.signOut, paths.refresh])
      expect((await server.fetch(path, { method: 'POST', headers: { cookie, origin: 'null' } })).status).toBe(
        403,
      )
    expectNothingChanged()
  })

  test('uses the method of the request line, and ignores override headers [C04]', async () => {
    const { server, cookie, expectNothingChanged } = await withCookies()
    for (const name of ['x-http-method-override', 'x-method-override', 'x-http-method']) {
      const headers = { cookie, origin, [name]: 'POST' }
      expect((await server.fetch(`${paths.signOut}?_method=POST`, { headers })).status).toBe(405)
      expect((await server.fetch(paths.readSession, { headers })).status).toBe(200)
    }
    for (const [, path] of changes.slice(0, 4)) expect((await server.get(path, { cookie })).status).toBe(405)
    expectNothingChanged()
  })

  test('cookies under the names of another topology count as our cookies [S02]', async () => {
    const server = await startSallyport()
    await server.addUser()
    for (const name of ['__Host-refreshToken', '__Secure-accessToken']) {
      const answer = await server.post(
        paths.signIn,
        { ...details, transport: 'bearer' },
        { cookie: `${name}=x` },
      )
      expect(answer.status).toBe(403)
    }
  })

  test.each([
    '__HOST-accessToken=x',
    'accesstoken=x',
    'accessToken\u00a0=x',
    '\u00a0accessToken=x',
    '=accessToken=x',
    'accessToken',
    '"accessToken"=x',
    'xaccessToken=x',
    '$Version=1; $accessToken=x',
  ])('%j is not read as one of our cookies [S04]', async (cookie) => {
    const server = await startSallyport()
    await server.addUser()
    expect((await server.post(paths.signIn, { ...details, transport: 'bearer' }, { cookie })).status).toBe(
      200,
    )
    expect(await (await server.get(paths.readSession, { cookie })).json()).toMatchObject({
      code: 'token_missing',
    })
  })
})

describe('a request without cookies', () => {
  test('may have no origin, but not a foreign one [C05, S07]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken, refreshToken } = await server.signIn()
    const rows = server.rows('session')
    const attempts = [
      ['POST', paths.signIn, { ...details, transport: 'bearer' }],
      ['POST', paths.signUp, { ...newcomer, transport: 'bearer' }],
      ['POST', paths.refresh, { refreshToken }],
      ['POST', paths.signOut, { refreshToken }],
      ['PATCH', paths.readProfile, { name: 'Mallory' }],
      ['POST', paths.changePassword, { currentPassword: password, newPassword: 'known to the attacker' }],
      ['DELETE', paths.listSessions, {}],
      ['POST', paths.introspect, { token: accessToken }],
    ] as const
    for (const [method, path, body] of attempts)
      for (const foreign of foreignOrigins) {
        const credential = path === paths.introspect ? verifierSecret : accessToken
        const headers = { ...json, origin: foreign, ...bearer(credential) }
        const answer = await server.fetch(path, { method, headers, body: JSON.stringify(body) })
        expect([path, foreign, answer.status]).toEqual([path, foreign, 403])
      }
    expect(server.rows('session')).toEqual(rows)
    expect(server.rows('user')).toHaveLength(1)
  })

  test('that requests cookies requires an allowed origin, and opens no session without one [C09]', async () => {
    const server = await startSallyport()
    await server.addUser()
    expect((await server.post(paths.signIn, details)).status).toBe(403)
    expect((await server.post(paths.signUp, newcomer)).status).toBe(403)
    expect(
      (await server.post(paths.signIn, details, { origin, 'sec-fetch-site': 'cross-site' })).status,
    ).toBe(403)
    expect(server.rows('session')).toEqual([])
    expect(server.rows('user')).toHaveLength(1)
  })

  test('a foreign origin is refused before the body is read', async () => {
    const server = await startSallyport()
    const answer = await server.fetch(paths.signIn, {
      method: 'POST',
      headers: { ...json, origin: 'https://evil.example' },
      body: 'x'.repeat(100_000),
    })
    expect(answer.status).toBe(403)
  })
})

describe('preview deployments', () => {
  test('a pattern of SALLYPORT_ORIGINS allows matching origins, by Origin and by CORS, and no others', async () => {
    const server = await startSallyport({ origins: 'https://app.example.com,https://*.preview.example.com' })
    await server.addUser()
    const ask = (origin: string, method: string) =>
      server.fetch(paths.signIn, {
        method,
        headers: { origin, 'content-type': 'application/json' },
        ...(method === 'POST' && { body: JSON.stringify(details) }),
      })
    for (const origin of ['https://app.example.com', 'https://pr-7.preview.example.com']) {
      const answer = await ask(origin, 'POST')
      expect(answer.status).toBe(200)
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      expect((await ask(origin, 'OPTIONS')).headers.get('access-control-allow-methods')).toContain('POST')
    }
    for (const origin of [
      'https://preview.example.com',
      'https://a.b.preview.example.com',
      'https://x.example.com',
    ]) {
      const answer = await ask(origin, 'POST')
      expect(answer.status).toBe(403)
      expect(answer.headers.get('access-control-allow-origin')).toBeNull()
      expect((await ask(origin, 'OPTIONS')).headers.get('access-control-allow-methods')).toBeNull()
    }
  })
})

describe('the shared parent domain', () => {
  const shared = {
    issuer: 'https://auth.example.com',
    origins: 'https://app.example.com',
    cookieDomain: 'example.com',
  }

  test('sets __Secure- cookies with a Domain, and accepts requests from the same site', async () => {
    const server = await startSallyport(shared)
    await server.addUser()
    const browser = server.browser()
    const answer = await browser.post(paths.signIn, details, { 'sec-fetch-site': 'same-site' })
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Secure-accessToken=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Strict; Domain=example\.com; Secure$/,
      ),
      expect.stringMatching(
        /^__Secure-refreshToken=[\w-]{72}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Strict; Domain=example\.com; Secure$/,
      ),
      expect.stringMatching(
        /^__Secure-sallyport_device=[\w-]{32}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax; Domain=example\.com; Secure$/,
      ),
    ])
    expect(answer.headers.get('cross-origin-resource-policy')).toBe('same-site')
    const foreign = await browser.post(paths.refresh, {}, { 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    const sibling = await browser.post(paths.refresh, {}, { origin: 'https://evil.example.com' })
    expect(sibling.status).toBe(403)
    expect((await browser.post(paths.refresh, {}, { 'sec-fetch-site': 'same-site' })).status).toBe(200)
  })

  test('clears two cookies of one name on every domain that may have set one [S03]', async () => {
    const server = await startSallyport(shared)
    const answer = await server.fetch(paths.readSession, {
      headers: { cookie: '__Secure-accessToken=a; __Secure-accessToken=b' },
    })
    expect(answer.status).toBe(401)
    const cleared = answer.headers.getSetCookie()
    expect(cleared).toContain(
      '__Secure-accessToken=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict; Domain=example.com; Secure',
    )
    for (const path of ['/', '/api', '/api/auth/session'])
      for (const domain of ['', '; Domain=auth.example.com', '; Domain=example.com'])
        if (path !== '/' || domain !== '; Domain=example.com')
          expect(cleared).toContain(`__Secure-accessToken=; Path=${path}; Max-Age=0${domain}; Secure`)
  })

  test('clears two device cookies, and does not refuse the request [S03]', async () => {
    const server = await startSallyport(shared)
    const browser = server.browser()
    await server.addUser()
    const answer = await browser.post(paths.signIn, details, {
      cookie: '__Secure-sallyport_device=a; __Secure-sallyport_device=b',
    })
    expect(answer.status).toBe(200)
    const cleared = answer.headers.getSetCookie().filter((line) => line.includes('sallyport_device=;'))
    expect(cleared).toContain('__Secure-sallyport_device=; Path=/; Max-Age=0; Secure')
    // The new cookie has our own path and domain, and is not cleared.
    expect(cleared).not.toContain('__Secure-sallyport_device=; Path=/; Max-Age=0; Domain=example.com; Secure')
  })

  test('ignores duplicate cookies under names of another topology [S03]', async () => {
    const server = await startSallyport(shared)
    const { accessToken } = await (async () => {
      await server.addUser()
      return (await (await server.post(paths.signIn, { ...details, transport: 'bearer' })).json()) as Record<
        string,
        string
      >
    })()
    const cookie = `accessToken=a; __Secure-accessToken=${accessToken}; accessToken=b`
    expect((await server.fetch(paths.readSession, { headers: { cookie } })).status).toBe(200)
  })

  test('on an origin of its own over https the cookies are __Host-, whatever forwarded headers say [X06]', async () => {
    const server = await startSallyport({
      issuer: 'https://app.example.com',
      origins: 'https://app.example.com',
    })
    await server.addUser()
    const answer = await server.browser().post(paths.signIn, details, {
      'x-forwarded-proto': 'http',
      'x-forwarded-host': 'evil.example',
      forwarded: 'proto=http;host=evil.example',
    })
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-accessToken=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Strict; Secure$/,
      ),
      expect.stringMatching(
        /^__Host-refreshToken=[\w-]{72}; Path=\/; Max-Age=1209600; HttpOnly; SameSite=Strict; Secure$/,
      ),
      expect.stringMatching(
        /^__Host-sallyport_device=[\w-]{32}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure$/,
      ),
    ])
    expect(answer.headers.get('strict-transport-security')).toContain('max-age=')
  })
})

describe('CORS', () => {
  test('permits only the listed origin, on every response and error [C10]', async () => {
    const server = await startSallyport()
    for (const path of [
      paths.readSession,
      paths.signIn,
      paths.jwks,
      paths.metadata,
      paths.health,
      '/nowhere',
    ]) {
      const answer = await server.get(path, { origin })
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
      expect(answer.headers.get('vary')).toMatch(/\borigin\b/i)
      for (const foreign of foreignOrigins) {
        const refused = await server.get(path, { origin: foreign })
        expect(refused.headers.get('access-control-allow-origin')).toBeNull()
        expect(refused.headers.get('access-control-allow-credentials')).toBeNull()
        expect(refused.headers.get('vary')).toMatch(/\borigin\b/i)
      }
    }
  })

  test('a preflight of a listed origin gets the methods of that path [C10]', async () => {
    const server = await startSallyport()
    const preflight = (from: string) =>
      server.fetch(paths.readProfile, {
        method: 'OPTIONS',
        headers: {
          origin: from,
          'access-control-request-method': 'PATCH',
          'access-control-request-headers': 'content-type',
          'access-control-request-private-network': 'true',
        },
      })
    const answer = await preflight(origin)
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, PATCH, DELETE, HEAD')
    expect(answer.headers.get('access-control-allow-headers')).toBe('content-type, authorization')
    expect(Number(answer.headers.get('access-control-max-age'))).toBeLessThanOrEqual(7200)
    expect(answer.headers.get('access-control-allow-private-network')).toBeNull()
    for (const foreign of foreignOrigins) {
      const refused = await preflight(foreign)
      expect([...refused.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })
})

test('a response cannot be run, framed, sniffed or cached [C11, C12, X09]', async () => {
  const { browser } = await withCookies()
  const { headers } = await browser.get(paths.readSession)
  expect(headers.get('content-type')).toBe('application/json')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  )
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
  expect(headers.get('cache-control')).toBe('private, no-store')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
})
