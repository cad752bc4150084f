import { describe, expect, it } from 'vitest'
import { protect } from './safe-answer.ts'

function protectedBy(given: Record<string, string>, { status = 200, trustsDocuments = false } = {}) {
  const headers = new Headers(given)
  protect(headers, { status, trustsDocuments })
  return headers
}

describe('documents that a browser could run get a sandbox', () => {
  const policyOf = (type: string | undefined) =>
    protectedBy(type === undefined ? {} : { 'content-type': type }).get('content-security-policy')

  it.each([
    ...['application/json', 'application/problem+json', 'application/vnd.a-b.c+json; charset=utf-8'],
    ...['application/x-ndjson', 'application/octet-stream', 'application/pdf', 'application/zip'],
    ...['application/gzip', 'text/plain', 'text/plain;charset=utf-8', 'TEXT/CSV', 'text/css ; a=b'],
    ...['text/event-stream', 'image/png', 'image/vnd.a.b', 'audio/mpeg', 'video/mp4', 'font/woff2'],
  ])('adds no sandbox to %s', (type) => expect(policyOf(type)).toBeNull())

  it.each([
    ...[undefined, '', 'text/html', 'text/html; charset=utf-8', 'application/xhtml+xml', 'text/xml'],
    ...['image/svg+xml', 'IMAGE/SVG+XML', 'application/javascript', 'application/pdfx', 'xapplication/pdf'],
    ...[
      'text/plain, text/html',
      'text/plain; a=b, text/html',
      'text/html, text/plain',
      'image/',
      'x/image/png',
    ],
    ...['application/jsonp', 'application/x+jsonx', 'application/+json', 'multipart/mixed', 'text/plainx'],
    ...['image/png x', 'text/plain x', 'message/rfc822'],
  ])('adds a sandbox to %s', (type) => expect(policyOf(type)).toBe('sandbox'))

  it('adds the sandbox to an existing policy, and none for trusted documents', () => {
    const given = { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'" }
    expect(protectedBy(given).get('content-security-policy')).toBe("default-src 'self', sandbox")
    expect(protectedBy(given, { trustsDocuments: true }).get('content-security-policy')).toBe(
      "default-src 'self'",
    )
  })

  it('adds none to a 304 without a type, unless it has a policy', () => {
    const of = (given: Record<string, string>, status = 304) =>
      protectedBy(given, { status }).get('content-security-policy')
    expect(of({})).toBeNull()
    expect(of({}, 200)).toBe('sandbox')
    expect(of({ 'content-security-policy': 'a' })).toBe('a, sandbox')
    expect(of({ 'content-type': 'text/html' })).toBe('sandbox')
    expect(of({ 'content-type': 'text/plain' })).toBeNull()
  })

  it('sets nosniff and Cross-Origin-Resource-Policy on every response', () => {
    for (const trustsDocuments of [true, false]) {
      const headers = protectedBy({ 'x-content-type-options': 'x' }, { trustsDocuments })
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    }
  })
})

describe('caching is private', () => {
  it.each([
    ['max-age=60', 'private, max-age=60'],
    ['public, max-age=60', 'private, max-age=60'],
    ['PUBLIC', 'private'],
    ['s-maxage=60, proxy-revalidate, max-age=1', 'private, max-age=1'],
    ['private, max-age=60', 'private, max-age=60'],
    ['no-store', 'no-store'],
    ['No-Store,  Private', 'No-Store,  Private'],
    ['public, private', 'private'],
    ['public, no-store', 'no-store'],
    // A list of fields makes those fields private, and not the answer.
    ['private="set-cookie", max-age=1', 'private, private="set-cookie", max-age=1'],
    ['no-cache="a, public", max-age=1', 'private, no-cache="a, public", max-age=1'],
    ['no-cache="a\\"b, public"', 'private, no-cache="a\\"b, public"'],
    ['max-age = 60', 'private, max-age = 60'],
    ['', 'private'],
    ['xpublic', 'private, xpublic'],
    ['not-private', 'private, not-private'],
  ])('changes Cache-Control %j to %j', (said, seen) => {
    expect(protectedBy({ 'cache-control': said }).get('cache-control')).toBe(seen)
  })

  it('sets no-store without Cache-Control, and leaves a 304 unchanged', () => {
    expect(protectedBy({}).get('cache-control')).toBe('private, no-store')
    expect(protectedBy({}, { status: 304 }).has('cache-control')).toBe(false)
  })

  it.each([
    ['authorization', 'authorization, cookie'],
    ['accept, Authorization , origin', 'accept, Authorization , origin, cookie'],
    ['accept,authorization', 'accept,authorization, cookie'],
    ['x-authorization', 'x-authorization'],
    ['authorization-x', 'authorization-x'],
    ['accept', 'accept'],
  ])('adds Cookie to Vary with Authorization: %s', (said, seen) => {
    expect(protectedBy({ vary: said }).get('vary')).toBe(seen)
  })

  it('forbids Next to compress a partial response (206)', () => {
    const of = (said: Record<string, string>, status = 206) =>
      protectedBy(said, { status }).get('cache-control')
    expect(of({})).toBe('private, no-store, no-transform')
    expect(of({ 'cache-control': 'private' })).toBe('private, no-transform')
    expect(of({ 'cache-control': 'private, No-Transform' })).toBe('private, No-Transform')
    expect(of({ 'cache-control': 'private' }, 200)).toBe('private')
    expect(protectedBy({}).has('vary')).toBe(false)
  })
})
