import { describe, expect, it } from 'vitest'
import type { BackendAnswer, CustomIssuer } from '../../config/custom-issuer.ts'
import { claimsWithin, issuedTokens, isToken } from './issued-tokens.ts'

const now = 1_700_000_000_000
const jwt = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`

function issued(found: object, { before = null as string | null, refreshes = true } = {}) {
  const answer = {
    status: 200,
    ok: true,
    body: { ...found, other: 'secret-value' },
    cookies: { sid: 'secret-cookie' },
  }
  const custom = {
    tokens: ({ body }: BackendAnswer) => body,
    ...(refreshes && { refresh: () => {} }),
  } as unknown as CustomIssuer
  return issuedTokens(custom, answer as unknown as BackendAnswer, before, now)
}

describe('the tokens of a response', () => {
  it('uses the new refresh token, or keeps the old one without a new one', () => {
    expect(issued({ accessToken: 'a', refreshToken: 'new' }, { before: 'old' }).refreshToken).toBe('new')
    for (const refreshToken of [null, undefined])
      expect(issued({ accessToken: 'a', refreshToken }, { before: 'old' }).refreshToken).toBe('old')
    expect(issued({ accessToken: 'a' }).refreshToken).toBeNull()
  })

  it('does not store an unusable refresh token', () => {
    expect(issued({ accessToken: 'a', refreshToken: 'r' }, { refreshes: false }).refreshToken).toBeNull()
  })

  it.each<[object, number]>([
    [{ expiresIn: 900 }, 900],
    [{ expiresIn: '900' }, 900],
    [{ expiresIn: 900.9 }, 900],
    [{ expiresIn: 900, accessToken: jwt({ exp: now / 1000 + 60 }) }, 900],
    [{ accessToken: jwt({ exp: now / 1000 + 60.5 }) }, 60],
    ...[
      0,
      -1,
      0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 53,
      '',
      '1e3',
      '-5',
      ' 5',
      '5s',
      null,
      {},
      true,
    ].map((expiresIn) => [{ expiresIn, accessToken: jwt({ exp: now / 1000 + 60 }) }, 60] as [object, number]),
    [{}, 86_400],
    [{ accessToken: jwt({ exp: now / 1000 - 60 }) }, 86_400],
    [{ accessToken: jwt({ exp: '1700000060' }) }, 86_400],
  ])('%j is valid for %i seconds', (found, seconds) => {
    expect(issued({ accessToken: 'opaque', ...found }).expiresIn).toBe(seconds)
  })

  it.each([undefined, null, '', 7, 'a b', 'a;b', 'a"b', 'a,b', 'a\\b', 'ü', 'a\n'])(
    'refuses %j as a token',
    (token) => {
      expect(isToken(token)).toBe(false)
      expect(() => issued({ accessToken: token })).toThrow(
        /^tokens\(\) found no access token .* has accessToken, other; its cookies are sid\.$/,
      )
      if (token != null)
        expect(() => issued({ accessToken: 'a', refreshToken: token })).toThrow(/found no refresh token/)
    },
  )

  it('reports a response without tokens', () => {
    const custom = { tokens: () => ({}) } as unknown as CustomIssuer
    const answer = { body: {}, cookies: {} } as unknown as BackendAnswer
    expect(() => issuedTokens(custom, answer, null, now)).toThrow('has nothing; its cookies are nothing.')
  })

  it('accepts tokens of at most 3,800 characters, because cookies are limited', () => {
    expect(isToken('x'.repeat(3800))).toBe(true)
    expect(isToken('x'.repeat(3801))).toBe(false)
    expect(issued({ accessToken: 'x'.repeat(3800) }).accessToken).toHaveLength(3800)
    expect(() => issued({ accessToken: 'x'.repeat(3801) })).toThrow(/takes 3801 characters.*at most 3800 fit/)
  })
})

it.each([
  [jwt({ a: 1 }), { a: 1 }],
  [`${jwt({ a: 1 })}.more`, { a: 1 }],
  [jwt([1]), { 0: 1 }],
  [jwt(null), {}],
  [jwt('text'), {}],
  [jwt(7), {}],
  ['opaque', {}],
  ['h.e30', {}],
  [`h.${Buffer.from('{"a":1}').toString('base64url')}`, {}],
  ['h.%%%.s', {}],
  ['', {}],
])('reads the claims in %s', (token, claims) => {
  expect(claimsWithin(token)).toEqual(claims)
})
