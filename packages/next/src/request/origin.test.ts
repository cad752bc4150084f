import { describe, expect, it } from 'vitest'
import { readConfig } from '../config/config.ts'
import { testCredentials } from '../testing/credentials.ts'
import { changesNothing, isForeign, isOwnOrigin, isSafeMethod } from './origin.ts'

const config = readConfig(
  { server: 'http://localhost:4000', audience: 'web', app: 'https://app.example.com', ...testCredentials },
  {},
)
const headers = (origin: string | null, site?: string) =>
  new Headers({ ...(origin !== null && { origin }), ...(site && { 'sec-fetch-site': site }) })

describe('changing requests need exactly our own Origin [C05, C08, CVE-2026-27978]', () => {
  it.each([
    null,
    'null',
    '',
    'https://app.example.com.evil',
    'https://evil-app.example.com',
    'https://app.example.com:443',
    'https://app.example.com.',
    'https://APP.example.com',
    'http://app.example.com',
    'https://user@app.example.com',
    'https://[::1]',
    'https://xn--app-example.com',
    'https://app.example.com, https://evil.example',
    'https://app.example.com/',
    'https://evil.app.example.com',
    'https://example.com',
    'garbage',
    '%00',
    'https://',
  ])('refuses the origin %j', (origin) => {
    expect(isOwnOrigin(headers(origin), config)).toBe(false)
  })

  it.each(['cross-site', 'same-site', 'none', 'nonsense'])(
    'refuses Sec-Fetch-Site: %s even with our Origin [C06]',
    (site) => {
      expect(isOwnOrigin(headers('https://app.example.com', site), config)).toBe(false)
    },
  )

  it('accepts our own page, and an old browser that sends only Origin', () => {
    expect(isOwnOrigin(headers('https://app.example.com', 'same-origin'), config)).toBe(true)
    expect(isOwnOrigin(headers('https://app.example.com'), config)).toBe(true)
  })
})

describe('recognizes requests of other origins by headers if the method is unknown [C15]', () => {
  const ours = 'https://app.example.com'
  const sibling = 'https://evil.example.com'
  const navigation = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const form = { ...navigation, 'content-type': 'application/x-www-form-urlencoded', 'content-length': '3' }
  const script = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
  const json = { ...script, 'content-type': 'application/json', 'content-length': '2' }
  const hidden = { ...script, 'sec-fetch-mode': 'no-cors' }

  it.each<[string, Record<string, string>]>([
    ['an address that was typed', { ...navigation, 'sec-fetch-site': 'none' }],
    ['a link on our own page', { ...navigation, 'sec-fetch-site': 'same-origin' }],
    ['a link on a sibling', { ...navigation, 'sec-fetch-site': 'same-site' }],
    ['a link on another site or in a web mail', { ...navigation, 'sec-fetch-site': 'cross-site' }],
    [
      'a page that a sibling prefetches',
      { ...hidden, 'sec-fetch-site': 'same-site', 'sec-purpose': 'prefetch' },
    ],
    [
      'a page that is rendered in advance',
      { ...navigation, 'sec-fetch-site': 'none', 'sec-purpose': 'prefetch;prerender' },
    ],
    ['an icon that the browser asks for by itself', { ...hidden, 'sec-fetch-site': 'none' }],
    [
      'a page that another site prefetches by way of a proxy',
      { ...hidden, 'sec-fetch-site': 'cross-site', 'sec-purpose': 'prefetch;anonymous-client-ip' },
    ],
    ['fetch GET of our own page', { ...script, 'sec-fetch-site': 'same-origin' }],
    [
      'fetch GET of our own page that names a media type',
      { ...script, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    ],
    ['fetch HEAD of our own page', { ...script, 'sec-fetch-site': 'same-origin' }],
    ['an image on our own page', { ...hidden, 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-origin' }],
    ['a form of our own page, with no script', { ...form, origin: ours, 'sec-fetch-site': 'same-origin' }],
    ['fetch POST of our own page', { ...json, origin: ours, 'sec-fetch-site': 'same-origin' }],
    ['fetch DELETE of our own page', { ...script, origin: ours, 'sec-fetch-site': 'same-origin' }],
    ['a browser without Fetch Metadata: a link', {}],
    [
      'a browser without Fetch Metadata: fetch POST of our own page',
      { origin: ours, 'content-type': 'application/json' },
    ],
    [
      'an empty body by a proxy on a link',
      { ...navigation, 'sec-fetch-site': 'same-site', 'content-length': '0' },
    ],
  ])('%s is answered', (_, sent) => expect(isForeign(new Headers(sent), config)).toBe(false))

  it.each<[string, Record<string, string>]>([
    ['a form of a sibling', { ...form, origin: sibling, 'sec-fetch-site': 'same-site' }],
    [
      'a form of a sibling that hides its origin (no-referrer)',
      { ...form, origin: 'null', 'sec-fetch-site': 'same-site' },
    ],
    ['a form of ours that hides its origin', { ...form, origin: 'null', 'sec-fetch-site': 'same-origin' }],
    [
      'a form without fields, from a sibling',
      { ...navigation, origin: sibling, 'sec-fetch-site': 'same-site', 'content-length': '0' },
    ],
    ['a form of another site', { ...form, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }],
    ['a sandboxed frame', { ...form, origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['fetch POST of a sibling, no-cors', { ...hidden, origin: sibling, 'sec-fetch-site': 'same-site' }],
    ['fetch GET of a sibling, CORS', { ...script, origin: sibling, 'sec-fetch-site': 'same-site' }],
    ['fetch GET or HEAD of a sibling, no-cors', { ...hidden, 'sec-fetch-site': 'same-site' }],
    ['an image on a sibling', { ...hidden, 'sec-fetch-dest': 'image', 'sec-fetch-site': 'same-site' }],
    [
      'a script tag on another site',
      { ...hidden, 'sec-fetch-dest': 'script', 'sec-fetch-site': 'cross-site' },
    ],
    ['a sibling, by a browser without Fetch Metadata', { origin: sibling }],
    ['a form of a sibling whose Origin a proxy has cut off', { ...form, 'sec-fetch-site': 'same-site' }],
    ['a form of nobody knows whom', { 'content-type': 'text/plain', 'content-length': '3' }],
    ['a body without a media type', { ...navigation, 'sec-fetch-site': 'same-site', 'content-length': '3' }],
    ['a length that is no number', { 'content-length': 'x' }],
    ['a prefetch that is none', { ...hidden, 'sec-fetch-site': 'same-site', 'sec-purpose': 'no-prefetch' }],
    ['a body without a length', { 'transfer-encoding': 'chunked' }],
    [
      'our Origin in a request that was redirected by a sibling',
      { ...json, origin: ours, 'sec-fetch-site': 'same-site' },
    ],
    ['an empty Origin', { origin: '', 'sec-fetch-site': 'same-origin' }],
    ['a value of Sec-Fetch-Site that nobody knows', { ...script, 'sec-fetch-site': 'nonsense' }],
  ])('%s has no session [C06]', (_, sent) => expect(isForeign(new Headers(sent), config)).toBe(true))
})

it('treats GET as safe, except with a method override header [C04]', () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    expect(isSafeMethod(method)).toBe(true)
    expect(changesNothing({ method, headers: new Headers({ accept: '*/*' }) })).toBe(true)
    for (const name of ['x-http-method-override', 'X-HTTP-Method', 'x_method_override'])
      expect(changesNothing({ method, headers: new Headers({ accept: '*/*', [name]: 'x' }) })).toBe(false)
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'PROPFIND', 'TRACE']) {
    expect(isSafeMethod(method)).toBe(false)
    expect(changesNothing({ method, headers: new Headers() })).toBe(false)
  }
})
