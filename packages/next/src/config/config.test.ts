import { describe, expect, it } from 'vitest'
import { testCredentials } from '../testing/credentials.ts'
import { readConfig } from './config.ts'
import { customIssuer } from './custom-issuer.ts'

const good = {
  SALLYPORT_URL: 'http://localhost:4000',
  SALLYPORT_AUDIENCE: 'billing-web',
  APP_URL: 'http://localhost:3000',
  API_URL: 'http://localhost:4100',
}

describe('refuses a wrong setting, and says how to fix it [CVE-2026-73421]', () => {
  it.each([
    ['APP_URL', undefined, /APP_URL/],
    ['APP_URL', 'app.example.com', /APP_URL.*must be an http or https address/],
    ['APP_URL', 'http://app.example.com', /Use https/],
    ['APP_URL', 'https://app.example.com/base', /without a path/],
    ['APP_URL', 'https://user:pw@app.example.com', /must be an http or https address/],
    ['SALLYPORT_URL', undefined, /SALLYPORT_URL/],
    ['SALLYPORT_URL', 'ftp://localhost', /SALLYPORT_URL/],
    ['SALLYPORT_AUDIENCE', undefined, /audience/],
    ['SALLYPORT_AUDIENCE', '', /audience/],
    ['API_URL', 'nonsense', /API_URL/],
  ])('%s = %s', (name, value, message) => {
    expect(() => readConfig({}, { ...good, [name]: value })).toThrow(message)
    expect(() => readConfig({}, { ...good, [name]: value })).toThrow(TypeError)
  })

  it('does not show a password of a URL in the message', () => {
    const url = 'https://user:hunter2-hunter2@api.example.com'
    expect(() => readConfig({}, { ...good, API_URL: url })).toThrow(/^(?!.*hunter2).*API_URL/)
    expect(() =>
      customIssuer({ url, login: () => {}, tokens: () => {}, principal: () => {} } as never),
    ).toThrow(/^(?!.*hunter2).*`url` must be/)
  })

  it.each([
    ['example.com', 'http://localhost:3000', /not an https address below it/],
    ['example.com', 'https://app.example.org', /not an https address below it/],
    ['example.com', 'https://badexample.com', /not an https address below it/],
    ['api.example.com', 'https://app.example.com', /not an https address below it/],
    ['.example.com', 'https://app.example.com', /Give a domain such as/],
    ['com', 'https://app.example.com', /Give a domain such as/],
    ['example.com; Secure', 'https://app.example.com', /Give a domain such as/],
  ])('cookies for %s, set by %s, are refused [CK-01]', (domain, app, message) => {
    const env = { ...good, APP_URL: app, SALLYPORT_COOKIE_DOMAIN: domain }
    expect(() => readConfig(testCredentials, env)).toThrow(message)
    expect(() => readConfig({ app, cookieDomain: domain }, good)).toThrow(TypeError)
  })

  it.each(['//evil', '/a/../b', 'invoices', '/a b', '/a?x'])('refuses the API path %j', (path) => {
    expect(() => readConfig({ apiPaths: [path] }, good)).toThrow(TypeError)
  })

  it.each([
    [{ apiTimeouts: { answerSeconds: -1 } }, /apiTimeouts.answerSeconds/],
    [{ apiTimeouts: { connectSeconds: Number.NaN } }, /apiTimeouts.connectSeconds/],
    [{ apiTimeouts: { silenceSeconds: 1e9 } }, /apiTimeouts.silenceSeconds/],
    [{ trustApiDocuments: 'no' as never }, /trustApiDocuments/],
  ])('%j is refused', (options, message) => {
    expect(() => readConfig(options, good)).toThrow(message)
  })

  it('has the default time-outs and document policy of docs/pass-through.md', () => {
    expect(readConfig({ apiPaths: ['/a'] }, good).api).toEqual({
      url: new URL('http://localhost:4100'),
      paths: ['/a'],
      timeouts: { connectMs: 10_000, answerMs: 60_000, silenceMs: 300_000 },
      trustsDocuments: false,
    })
  })

  it('accepts a valid environment', () => {
    expect(readConfig({}, good)).toMatchObject({
      issuer: 'http://localhost:4000',
      secure: false,
      loginPath: '/login',
    })
  })
})

describe('the credentials for the auth server', () => {
  const { frontendSecret, verifierSecret } = testCredentials
  const other = 'frontend-Zk3WmQ8sVt5YbN2xLc7RjH4p'
  const secrets = { SALLYPORT_FRONTEND_SECRET: frontendSecret, SALLYPORT_VERIFIER_SECRET: verifierSecret }
  const places: [string, Record<string, string>][] = [
    ['a public address', { APP_URL: 'https://app.example.com' }],
    ['NODE_ENV=production on localhost', { NODE_ENV: 'production' }],
  ]

  it.each(places)('are needed with %s', (_, place) => {
    for (const name of ['SALLYPORT_FRONTEND_SECRET', 'SALLYPORT_VERIFIER_SECRET'] as const)
      for (const value of [undefined, '']) {
        const env = { ...good, ...place, ...secrets, [name]: value }
        expect(() => readConfig({}, env)).toThrow(TypeError)
        expect(() => readConfig({}, env)).toThrow(new RegExp(`is not set\\. .*Set ${name}.*openssl rand`))
      }
    expect(readConfig({}, { ...good, ...place, ...secrets })).toMatchObject(testCredentials)
    expect(readConfig(testCredentials, { ...good, ...place })).toMatchObject(testCredentials)
  })

  it('may be missing in development on localhost', () => {
    expect(readConfig({}, good)).toMatchObject({ frontendSecret: null, verifierSecret: null })
  })

  it('are neither needed nor read with a customIssuer', () => {
    const issuer = customIssuer({
      url: 'https://api.example.com',
      login: async () => ({ status: 401, body: {}, headers: new Headers() }),
      tokens: () => ({ accessToken: '', refreshToken: '' }),
      access: { introspect: async () => ({ status: 401, body: {}, headers: new Headers() }) },
      principal: () => ({ userId: '' }),
    } as never)
    const env = { APP_URL: 'https://app.example.com', SALLYPORT_FRONTEND_SECRET: 'short' }
    expect(readConfig({ issuer }, env)).toMatchObject({
      frontendSecret: null,
      verifierSecret: null,
    })
  })

  it.each([
    ['short', /at least 32/],
    ['none', /at least 32/],
    [`"${frontendSecret}"`, /quotes/],
    [' ', /empty/],
    ['<random_string_at_least_32_characters_long>', /placeholder/],
    ['09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7', /published/],
    [`${frontendSecret},short`, /at least 32/],
    [`${frontendSecret}é`, /visible ASCII/],
  ])('%j is refused, on localhost too', (value, reason) => {
    for (const name of ['SALLYPORT_FRONTEND_SECRET', 'SALLYPORT_VERIFIER_SECRET'] as const) {
      const attempt = () => readConfig({}, { ...good, ...secrets, [name]: value })
      expect(attempt).toThrow(TypeError)
      expect(attempt).toThrow(reason)
      expect(attempt).toThrow(name)
    }
  })

  it('sends the first of a list, as during a rotation', () => {
    const env = { ...good, ...secrets, SALLYPORT_FRONTEND_SECRET: `${other}, ${frontendSecret}` }
    expect(readConfig({}, env).frontendSecret).toBe(other)
  })

  it('must differ from each other and from the server secret', () => {
    const same = { SALLYPORT_FRONTEND_SECRET: other, SALLYPORT_VERIFIER_SECRET: other }
    expect(() => readConfig({}, { ...good, ...same })).toThrow(/must differ/)
    for (const secret of [frontendSecret, `${other},${verifierSecret}`])
      expect(() => readConfig({}, { ...good, ...secrets, SALLYPORT_SECRET: secret })).toThrow(/must differ/)
  })
})

describe('clockToleranceSeconds', () => {
  it('has the default of verifiers, and accepts 0 to 300', () => {
    expect(readConfig({}, good).clockToleranceSeconds).toBe(5)
    for (const clockToleranceSeconds of [0, 300])
      expect(readConfig({ clockToleranceSeconds }, good)).toMatchObject({ clockToleranceSeconds })
  })

  it.each([-1, 301, Number.NaN, '60'])('%j is refused', (clockToleranceSeconds) => {
    const options = { clockToleranceSeconds } as { clockToleranceSeconds: number }
    expect(() => readConfig(options, good)).toThrow(/clockToleranceSeconds/)
    expect(() => readConfig(options, good)).toThrow(TypeError)
  })

  it('is refused beside a customIssuer, which has it in `access`', () => {
    const issuer = customIssuer({
      url: 'http://localhost:8000',
      login: () => Promise.reject(new Error('not asked')),
      tokens: () => ({ accessToken: '' }),
      access: { introspect: () => Promise.reject(new Error('not asked')) },
      principal: () => ({ userId: '' }),
    })
    expect(() => readConfig({ issuer, clockToleranceSeconds: 60 }, good)).toThrow(/`access`/)
  })
})

describe('organizations', () => {
  it.each([
    [{ organizations: 'paths' as never }, /must be 'path' or 'subdomain'/],
    [{ organizations: 'path', apiPaths: ['/o/things'] }, /No path of an API may be \/o/],
    [{ organizations: 'path', apis: { orders: { url: 'http://localhost:4200', paths: ['/o'] } } }, /\/o/],
    [{ organizations: 'subdomain' }, /must have a pattern for the hosts/],
    [{ organizations: 'subdomain', app: ['https://app.example.com', 'https://x-*.example.com'] }, /pattern/],
  ] as const)('%j is refused', (options, message) =>
    expect(() => readConfig({ ...testCredentials, ...options }, good)).toThrow(message),
  )

  it('are off by default, and follow the option', () => {
    expect(readConfig({}, good).organizations).toBeNull()
    expect(readConfig({ organizations: 'path' }, good).organizations).toBe('path')
    const app = ['https://app.example.com', 'https://*.example.com']
    expect(readConfig({ ...testCredentials, app, organizations: 'subdomain' }, good).organizations).toBe(
      'subdomain',
    )
  })
})
