import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isFirstHop, repeatCounter, sameSiteRepeat } from './same-site-reload.ts'

const hop = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
const isHop = (more: Record<string, string>, { method = 'GET', repeats = 0 } = {}) => {
  const headers = new Headers(Object.entries({ ...hop, ...more }).filter(([, value]) => value !== ''))
  return isFirstHop({ method, headers, repeats })
}

describe('a first hop', () => {
  it('is a document navigation from another site or a sibling domain', () => {
    expect(isHop({})).toBe(true)
    expect(isHop({ 'sec-fetch-site': 'same-site' })).toBe(true)
    expect(isHop({}, { repeats: 4 })).toBe(true)
  })

  it.each<[Record<string, string>, Parameters<typeof isHop>[1]?]>([
    [{ 'sec-fetch-site': 'same-origin' }],
    [{ 'sec-fetch-site': 'none' }],
    [{ 'sec-fetch-site': '' }],
    [{ 'sec-fetch-mode': 'cors' }],
    [{ 'sec-fetch-mode': '' }],
    [{ 'sec-fetch-dest': 'iframe' }],
    [{ 'sec-fetch-dest': '' }],
    [{}, { method: 'POST' }],
    [{}, { method: 'HEAD' }],
    [{}, { repeats: 5 }],
    [{}, { repeats: 6 }],
  ])('is not a request with %j %j', (headers, more = {}) => {
    expect(isHop(headers, more)).toBe(false)
  })
})

describe('the count of repetitions', () => {
  const address = '/dashboard?tab=1'
  const written = repeatCounter(address, null).cookie(2, false)
  const [name = ''] = written.split('=')

  it('is a short-lived cookie for each URL', () => {
    expect(written).toMatch(/^sallyport-repeat-[\da-f]{12}=2; Path=\/; Max-Age=10; HttpOnly; SameSite=Lax$/)
    expect(repeatCounter(address, null).cookie(0, true)).toBe(
      `${name}=0; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure`,
    )
    expect(repeatCounter('/dashboard?tab=2', null).cookie(2, false).split('=')[0]).not.toBe(name)
  })

  it.each([
    [null, 0],
    ['theme=dark', 0],
    [`${name}=3`, 3],
    [`theme=dark; ${name}=4; a=b`, 4],
    ['sallyport-repeat-0123456789ab=4', 0],
    // Whatever is no count: this browser is asked no more.
    [`${name}=-1`, 5],
    [`${name}=1.5`, 5],
    [`${name}=x`, 5],
    [`${name}=Infinity`, 5],
  ])('%j: %i', (cookieHeader, count) => {
    expect(repeatCounter(address, cookieHeader).count).toBe(count)
  })
})

describe('the page that requests the same URL again', () => {
  const url = 'https://app.example.com/search?q=a&b="><script>\'x'

  it('contains the escaped URL for browsers without scripts', async () => {
    const html = await sameSiteRepeat(url, repeatCounter('/search', null), true).text()
    expect(html).toContain(
      'content="1;url=https://app.example.com/search?q=a&#38;b=&#34;&#62;&#60;script&#62;&#39;x"',
    )
    expect(html.match(/<script>/g)).toHaveLength(1)
  })

  it('runs only its own script, is not cached, and counts repetitions', async () => {
    const before = repeatCounter('/search', null)
    const answer = sameSiteRepeat(url, before, true)
    const script = /<script>(.*)<\/script>/.exec(await answer.text())?.[1] ?? ''
    const hash = createHash('sha256').update(script).digest('base64')
    expect(script).toContain('location.replace')
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'private, no-store',
      'content-security-policy': `default-src 'none'; script-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'`,
      'content-type': 'text/html; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'set-cookie': before.cookie(1, true),
      'x-content-type-options': 'nosniff',
    })
    expect(answer.status).toBe(200)
  })
})
