import { expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { origin, testOptions } from '../testing/sallyport.ts'
import { allowOrigin, preflight } from './cors.ts'

const config = readConfig(testOptions)
const foreign = 'https://evil.example'

test('permits a listed origin by its name, with credentials and the headers it may read [C10]', () => {
  const headers = new Headers({ vary: 'Accept' })
  allowOrigin(headers, origin, config)
  expect(Object.fromEntries(headers)).toEqual({
    vary: 'Accept, Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers':
      'WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id',
  })
})

test.each([foreign, 'null', null])('permits nothing to %s, and sets Vary [C10]', (other) => {
  const headers = new Headers()
  allowOrigin(headers, other, config)
  expect(Object.fromEntries(headers)).toEqual({ vary: 'Origin' })
})

const ask = (headers: Record<string, string>) =>
  preflight(new Request('http://localhost:4000/', { method: 'OPTIONS', headers }), config, [
    'GET',
    'POST',
    'OPTIONS',
  ])

test('a preflight of a listed origin gets methods, headers and a lifetime [C10]', () => {
  const answer = ask({ origin })
  expect(answer.status).toBe(204)
  expect(Object.fromEntries(answer.headers)).toEqual({
    allow: 'GET, POST, OPTIONS',
    'cache-control': 'private, no-store',
    'access-control-allow-methods': 'GET, POST',
    'access-control-allow-headers': 'content-type, authorization',
    'access-control-max-age': '600',
  })
})

test.each([{ origin: foreign }, {}])(
  'a preflight of %o gets the same status and no permission [C10]',
  (headers) => {
    const answer = ask(headers)
    expect(answer.status).toBe(204)
    expect(Object.fromEntries(answer.headers)).toEqual({
      allow: 'GET, POST, OPTIONS',
      'cache-control': 'private, no-store',
    })
  },
)
