import { describe, expect, it } from 'vitest'
import { resolveConfiguration } from './configuration.ts'

const good = {
  SALLYPORT_URL: 'http://localhost:4000',
  SALLYPORT_AUDIENCE: 'billing-web',
  APP_URL: 'http://localhost:3000',
  API_URL: 'http://localhost:4100',
}

describe('CVE-2026-73421: a wrong setting fails closed, with a sentence that says how to mend it', () => {
  it.each([
    ['APP_URL', undefined, /APP_URL/],
    ['APP_URL', 'app.example.com', /APP_URL.*not an http or https address/],
    ['APP_URL', 'http://app.example.com', /Use https/],
    ['APP_URL', 'https://app.example.com/base', /without a path/],
    ['APP_URL', 'https://user:pw@app.example.com', /not an http or https address/],
    ['SALLYPORT_URL', undefined, /SALLYPORT_URL/],
    ['SALLYPORT_URL', 'ftp://localhost', /SALLYPORT_URL/],
    ['SALLYPORT_AUDIENCE', undefined, /audience/],
    ['SALLYPORT_AUDIENCE', '', /audience/],
    ['API_URL', 'nonsense', /API_URL/],
  ])('%s = %s', (name, value, message) => {
    expect(() => resolveConfiguration({}, { ...good, [name]: value })).toThrow(message)
    expect(() => resolveConfiguration({}, { ...good, [name]: value })).toThrow(TypeError)
  })

  it.each([
    ['example.com', 'http://localhost:3000', /not an https address below it/],
    ['example.com', 'https://app.example.org', /not an https address below it/],
    ['example.com', 'https://badexample.com', /not an https address below it/],
    ['api.example.com', 'https://app.example.com', /not an https address below it/],
    ['.example.com', 'https://app.example.com', /give a domain such as/],
    ['com', 'https://app.example.com', /give a domain such as/],
    ['example.com; Secure', 'https://app.example.com', /give a domain such as/],
  ])('CK-01: cookies for %s, set by %s, are refused', (domain, app, message) => {
    const env = { ...good, APP_URL: app, SALLYPORT_COOKIE_DOMAIN: domain }
    expect(() => resolveConfiguration({}, env)).toThrow(message)
    expect(() => resolveConfiguration({ app, cookieDomain: domain }, good)).toThrow(TypeError)
  })

  it.each(['//evil', '/a/../b', 'invoices', '/a b', '/a?x'])('the API path %j is refused', (path) => {
    expect(() => resolveConfiguration({ apiPaths: [path] }, good)).toThrow(TypeError)
  })

  it.each([
    [{ apiTimeouts: { answerSeconds: -1 } }, /apiTimeouts.answerSeconds/],
    [{ apiTimeouts: { connectSeconds: Number.NaN } }, /apiTimeouts.connectSeconds/],
    [{ apiTimeouts: { silenceSeconds: 1e9 } }, /apiTimeouts.silenceSeconds/],
    [{ trustApiDocuments: 'no' as never }, /trustApiDocuments/],
  ])('%j is refused', (options, message) => {
    expect(() => resolveConfiguration(options, good)).toThrow(message)
  })

  it('waits for an API and trusts its documents as the page on pass-through says', () => {
    expect(resolveConfiguration({ apiPaths: ['/a'] }, good).api).toEqual({
      url: new URL('http://localhost:4100'),
      paths: ['/a'],
      timeouts: { connectMs: 10_000, answerMs: 60_000, silenceMs: 300_000 },
      trustsDocuments: false,
    })
  })

  it('a good environment is taken as it is', () => {
    expect(resolveConfiguration({}, good)).toMatchObject({
      issuer: 'http://localhost:4000',
      secure: false,
      loginPath: '/login',
    })
  })
})
