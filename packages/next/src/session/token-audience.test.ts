import { expect, it } from 'vitest'
import type { NamedApi } from '../config/apis.ts'
import { isRenewable } from './renewable.ts'
import { AudienceMissing, requireAudience } from './token-audience.ts'

const orders = { name: 'orders', audience: 'orders-api' } as NamedApi
const jwt = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`

it.each([
  [jwt({ aud: 'orders-api' }), true],
  [jwt({ aud: ['web', 'orders-api'] }), true],
  [jwt({ aud: 'orders-api-2' }), false],
  [jwt({ aud: ['web'] }), false],
  [jwt({ aud: [] }), false],
  [jwt({ aud: { includes: 1 } }), false],
  [jwt({}), false],
  [jwt(null), false],
  ['opaque', false],
  ['a.%%%.c', false],
  ['', false],
])('sends a token only to an API in its audience: %s: %j', (token, isSent) => {
  const send = () => requireAudience(orders, token)
  if (isSent) return expect(send).not.toThrow()
  expect(send).toThrow(AudienceMissing)
  expect(send).toThrow(/^api\.orders: .*audience "orders-api".*SALLYPORT_AUDIENCE/)
})

it('sends any token to an API without an audience', () => {
  for (const api of [null, { url: new URL('http://localhost') }, { ...orders, audience: null }])
    expect(() => requireAudience(api as NamedApi | null, 'opaque')).not.toThrow()
})

it('renews tokens for two error codes only', () => {
  for (const code of ['token_expired', 'token_stale']) expect(isRenewable(code)).toBe(true)
  for (const code of ['token_invalid', 'session_ended', 'forbidden', undefined, null, 401])
    expect(isRenewable(code)).toBe(false)
})
