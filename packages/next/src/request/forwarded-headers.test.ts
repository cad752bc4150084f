import { describe, expect, it } from 'vitest'
import { headersForApi, headersForBrowser } from './forwarded-headers.ts'

const appUrl = new URL('https://app.example.com:8443')
const nobody = { address: null, userAgent: null, requestId: null, device: null }
const ours = {
  authorization: 'Bearer token',
  'accept-encoding': 'identity',
  'x-forwarded-host': 'app.example.com:8443',
  'x-forwarded-proto': 'https',
}
const sent = (from: Record<string, string>, browser = nobody, app = appUrl) =>
  headersForApi(new Headers(from), 'token', browser, { appUrl: app })

describe('headers to the API', () => {
  it('include those of the browser, with our values for X-Forwarded headers', () => {
    const about = { accept: 'text/html', 'content-type': 'text/plain', range: 'bytes=0-1', 'x-mine': 'a, b' }
    expect(sent({ ...about, authorization: 'Bearer other', 'x-forwarded-host': 'evil.example' })).toEqual({
      ...about,
      ...ours,
    })
    expect(sent({}, nobody, new URL('http://localhost:3000'))).toMatchObject({
      'x-forwarded-host': 'localhost:3000',
      'x-forwarded-proto': 'http',
    })
  })

  it('include the known address of the browser, and never one that it claims', () => {
    const claims = { 'x-forwarded-for': '198.51.100.1', x_forwarded_for: '198.51.100.1' }
    expect(sent(claims)).toEqual(ours)
    expect(sent(claims, { ...nobody, address: '192.0.2.1' } as never)).toEqual({
      ...ours,
      'x-forwarded-for': '192.0.2.1',
    })
  })

  it.each([
    ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-authorization'],
    ...['proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host'],
    ...['content-length', 'authorization', 'cookie', 'cookie2', 'accept-encoding', 'forwarded'],
    ...['forwarded-for', 'x-forwarded', 'x-real-ip', 'x-client-ip', 'x-cluster-client-ip'],
    ...['x-appengine-user-ip', 'x-azure-clientip', 'x-azure-socketip', 'x-envoy-external-address'],
    ...['x-vercel-forwarded-for', 'true-client-ip', 'cf-connecting-ip', 'cf-connecting-ipv6'],
    ...['do-connecting-ip', 'fastly-client-ip', 'fly-client-ip', 'proxy-client-ip', 'wl-proxy-client-ip'],
    ...['front-end-https', 'x-scheme', 'x-url-scheme', 'x-rewrite-url', 'x-envoy-original-path'],
    ...['path-info', 'script-name', 'remote-user', 'sallyport-frontend', 'x-forwarded-anything'],
    ...['x-original-url', 'x-middleware-subrequest', 'x-invoke-path'],
  ])('omit %s in every form that CGI treats as the same', (name) => {
    for (const spelling of [name, name.toUpperCase(), name.replaceAll('-', '_'), name.replaceAll('-', '.')])
      expect(sent({ [spelling]: 'x' }), spelling).toEqual(ours)
  })

  it('omit headers that Connection names', () => {
    expect(
      sent({ connection: 'close, X-Hop ,x-other', 'x-hop': '1', 'x-other': '2', 'x-kept': '3' }),
    ).toEqual({
      ...ours,
      'x-kept': '3',
    })
  })
})

describe('headers to the browser', () => {
  const seen = (...raw: string[]) => [...headersForBrowser(raw)]

  it('include all headers of the API, with duplicates', () => {
    expect(seen('ETag', '"a"', 'Link', '<a>', 'link', '<b>', 'X-Mine', '')).toEqual([
      ['etag', '"a"'],
      ['link', '<a>, <b>'],
      ['x-mine', ''],
    ])
  })

  it('include headers that are listed in headers other than Connection', () => {
    expect(seen('X-Note', 'etag, x-mine', 'ETag', '"a"', 'X-Mine', '1', 'Connection', 'x-mine')).toEqual([
      ['etag', '"a"'],
      ['x-note', 'etag, x-mine'],
    ])
  })

  it.each([
    ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authentication-info', 'proxy-connection'],
    ...['te', 'trailer', 'transfer-encoding', 'upgrade', 'set-cookie', 'set-cookie2', 'clear-site-data'],
    ...['strict-transport-security', 'public-key-pins', 'public-key-pins-report-only', 'expect-ct'],
    ...['alt-svc', 'nel', 'report-to', 'service-worker-allowed', 'set-login', 'timing-allow-origin'],
    ...['surrogate-control', 'edge-control', 'x-litespeed-cache-control', 'x-accel-expires'],
    ...['x-accel-redirect', 'x-sendfile', 'sallyport-anything', 'access-control-allow-origin'],
    ...['secure-session-registration', 'sec-session-challenge', 'x-middleware-rewrite'],
    ...['cdn-cache-control', 'vercel-cdn-cache-control'],
  ])('do not include %s', (name) => {
    expect(seen(name.toUpperCase(), 'x', 'x-kept', 'y')).toEqual([['x-kept', 'y']])
  })

  it('do not include headers that any Connection line names', () => {
    expect(
      seen('X-One', '1', 'Connection', 'close, x-one', 'CONNECTION', 'X-Two', 'x-two', '2', 'x-kept', '3'),
    ).toEqual([['x-kept', '3']])
  })

  it('include names that only resemble CDN headers', () => {
    expect(seen('xcdn-cache-control', '1', 'cdn-cache-control-x', '2')).toHaveLength(2)
  })
})
