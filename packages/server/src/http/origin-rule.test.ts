import { expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import { FlowError } from '../services/flow-error.ts'
import { origin, testOptions } from '../testing/sallyport.ts'
import type { Exchange } from './exchange.ts'
import { requireAllowedOrigin } from './origin-rule.ts'

const config = readConfig(testOptions)
const foreign = 'https://evil.example'
type Case = { origin?: string; site?: string; carried?: boolean; wants?: boolean; cookieDomain?: string }

function isLetIn({ origin, site, carried = false, wants, cookieDomain }: Case): boolean {
  const headers = { ...(origin && { origin }), ...(site && { 'sec-fetch-site': site }) }
  const request = new Request('http://localhost:4000/', { method: 'POST', headers })
  const cookies = { accessToken: null, refreshToken: null, carried }
  try {
    requireAllowedOrigin({ request, config: { ...config, cookieDomain }, cookies } as Exchange, wants)
    return true
  } catch (error) {
    if (error instanceof FlowError && error.code === 'origin_refused') return false
    throw error
  }
}

test.each<[string, Case, boolean]>([
  ['nothing, as from a native app', {}, true],
  ['an allowed origin', { origin }, true],
  ['another origin', { origin: foreign }, false],
  ['an opaque origin', { origin: 'null' }, false],
  ['another origin, and cookies', { origin: foreign, carried: true }, false],
  ['cookies, and no origin', { carried: true }, false],
  ['a request for cookies, and no origin', { wants: true }, false],
  ['cookies, and an allowed origin', { origin, carried: true }, true],
  ['a request for cookies, and an allowed origin', { origin, wants: true }, true],
  ['cookies, from the same origin', { origin, carried: true, site: 'same-origin' }, true],
  ['cookies, from the same site', { origin, carried: true, site: 'same-site' }, false],
  ['a request for cookies, from the same site', { origin, wants: true, site: 'same-site' }, false],
  ['cookies, from another site', { origin, carried: true, site: 'cross-site' }, false],
  ['cookies, from an address bar', { origin, carried: true, site: 'none' }, false],
  ['no cookies, from another site', { origin, site: 'cross-site' }, true],
])('a request with %s: %o [C05, C09]', (_, sent, expected) => {
  expect(isLetIn(sent)).toBe(expected)
})

test('with a cookie domain the same site is allowed, and no other', () => {
  const shared = { origin, carried: true, cookieDomain: 'example.com' }
  expect(isLetIn({ ...shared, site: 'same-site' })).toBe(true)
  expect(isLetIn({ ...shared, site: 'same-origin' })).toBe(true)
  expect(isLetIn({ ...shared, site: 'cross-site' })).toBe(false)
})
