import { describe, expect, it } from 'vitest'
import { protect } from './safe-answer.ts'

function protectedBy(given: Record<string, string>, { status = 200, trustsDocuments = false } = {}) {
  const headers = new Headers(given)
  protect(headers, { status, trustsDocuments })
  return headers
}

describe('what a browser would run gets a sandbox', () => {
  const policyOf = (type: string | undefined) =>
    protectedBy(type === undefined ? {} : { 'content-type': type }).get('content-security-policy')

  it.each([
    ...['application/json', 'application/problem+json', 'application/vnd.a-b.c+json; charset=utf-8'],
    ...['application/x-ndjson', 'application/octet-stream', 'application/pdf', 'application/zip'],
    ...['application/gzip', 'text/plain', 'text/plain;charset=utf-8', 'TEXT/CSV', 'text/css ; a=b'],
    ...['text/event-stream', 'image/png', 'image/vnd.a.b', 'audio/mpeg', 'video/mp4', 'font/woff2'],
  ])('not %s', (type) => expect(policyOf(type)).toBeNull())

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
  ])('but %s', (type) => expect(policyOf(type)).toBe('sandbox'))

  it('beside the policy that it has, and not where documents are trusted', () => {
    const given = { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'" }
    expect(protectedBy(given).get('content-security-policy')).toBe("default-src 'self', sandbox")
    expect(protectedBy(given, { trustsDocuments: true }).get('content-security-policy')).toBe(
      "default-src 'self'",
    )
  })

  it('a 304 adds none to a stored answer whose type it does not tell, unless it brings a policy', () => {
    const of = (given: Record<string, string>, status = 304) =>
      protectedBy(given, { status }).get('content-security-policy')
    expect(of({})).toBeNull()
    expect(of({}, 200)).toBe('sandbox')
    expect(of({ 'content-security-policy': 'a' })).toBe('a, sandbox')
    expect(of({ 'content-type': 'text/html' })).toBe('sandbox')
    expect(of({ 'content-type': 'text/plain' })).toBeNull()
  })

  it('every answer is taken for its type alone, and for no other origin', () => {
    for (const trustsDocuments of [true, false]) {
      const headers = protectedBy({ 'x-content-type-options': 'x' }, { trustsDocuments })
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    }
  })
})

describe('what may be stored is for this one person', () => {
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
  ])('%j becomes %j', (said, seen) => {
    expect(protectedBy({ 'cache-control': said }).get('cache-control')).toBe(seen)
  })

  it('without a word on it nothing is stored, and a 304 changes nothing of what is', () => {
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
  ])('what varies by our token varies by the cookie: %s', (said, seen) => {
    expect(protectedBy({ vary: said }).get('vary')).toBe(seen)
  })

  it('a part is not to be compressed as if it were the whole', () => {
    const of = (said: Record<string, string>, status = 206) =>
      protectedBy(said, { status }).get('cache-control')
    expect(of({})).toBe('private, no-store, no-transform')
    expect(of({ 'cache-control': 'private' })).toBe('private, no-transform')
    expect(of({ 'cache-control': 'private, No-Transform' })).toBe('private, No-Transform')
    expect(of({ 'cache-control': 'private' }, 200)).toBe('private')
    expect(protectedBy({}).has('vary')).toBe(false)
  })
})
