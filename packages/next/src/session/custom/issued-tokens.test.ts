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

describe('the tokens of an answer', () => {
  it('a new refresh token replaces the one that was spent; without one that goes on', () => {
    expect(issued({ accessToken: 'a', refreshToken: 'new' }, { before: 'old' }).refreshToken).toBe('new')
    for (const refreshToken of [null, undefined])
      expect(issued({ accessToken: 'a', refreshToken }, { before: 'old' }).refreshToken).toBe('old')
    expect(issued({ accessToken: 'a' }).refreshToken).toBeNull()
  })

  it('a refresh token that nobody can use is not kept', () => {
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
  ])('%j lives %i seconds', (found, seconds) => {
    expect(issued({ accessToken: 'opaque', ...found }).expiresIn).toBe(seconds)
  })

  it.each([undefined, null, '', 7, 'a b', 'a;b', 'a"b', 'a,b', 'a\\b', 'ü', 'a\n'])(
    '%j is no token',
    (token) => {
      expect(isToken(token)).toBe(false)
      expect(() => issued({ accessToken: token })).toThrow(
        /^tokens\(\) found no access token .* has accessToken, other; its cookies are sid\.$/,
      )
      if (token != null)
        expect(() => issued({ accessToken: 'a', refreshToken: token })).toThrow(/found no refresh token/)
    },
  )

  it('an answer with nothing in it says so', () => {
    const custom = { tokens: () => ({}) } as unknown as CustomIssuer
    const answer = { body: {}, cookies: {} } as unknown as BackendAnswer
    expect(() => issuedTokens(custom, answer, null, now)).toThrow('has nothing; its cookies are nothing.')
  })

  it('a token may take 3,800 characters, and one more does not fit into a cookie', () => {
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
])('what %s says about itself', (token, claims) => {
  expect(claimsWithin(token)).toEqual(claims)
})
