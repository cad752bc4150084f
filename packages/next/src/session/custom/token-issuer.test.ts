import { AuthError, type Principal } from '@sallyport/verify'
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { BackendAnswer, CustomIssuer } from '../../config/custom-issuer.ts'
import { BackendUnreachable } from './send.ts'
import { createTokenIssuer } from './token-issuer.ts'

const browser = { address: null, userAgent: null, requestId: null, device: null }
const principal = { userId: '7', roles: ['member'] } as unknown as Principal
const answer = (status: number, body: object = {}, headers: Record<string, string> = {}) =>
  ({ status, ok: status < 300, body, headers: new Headers(headers), cookies: {} }) as unknown as BackendAnswer
const tokens = answer(200, { accessToken: 'access', refreshToken: 'refresh' })
const good = '{"email":"a@example.com","password":"p"}'

let complaints: MockInstance<typeof console.error>
beforeEach(() => {
  complaints = vi.spyOn(console, 'error').mockReturnValue()
})
afterEach(() => void vi.restoreAllMocks())

function start(options: object = {}, verify: () => Promise<Principal> = async () => principal) {
  const outdated: string[] = []
  const custom = {
    login: async () => tokens,
    refresh: async () => tokens,
    tokens: ({ body }: BackendAnswer) => body,
    ...options,
  } as unknown as CustomIssuer
  const issuer = createTokenIssuer({
    custom,
    sendFor: () => async () => tokens,
    verify,
    outdate: (token) => void outdated.push(token),
  })
  return { issuer, outdated }
}

describe('what a browser sends to sign in', () => {
  it.each([
    ...['', 'null', '7', '"text"', '[]', '{}', '{"email":"a@example.com"}', '{"password":"p"}'],
    ...['{"email":"","password":"p"}', '{"email":"a","password":""}', '{"email":7,"password":"p"}'],
    ...['{"email":"a","password":["p"]}', '{"email":"a","password":"p","name":7}'],
    JSON.stringify({ email: 'x'.repeat(255), password: 'p' }),
    JSON.stringify({ email: 'a', password: 'x'.repeat(1025) }),
    JSON.stringify({ email: 'a', password: 'p', name: 'x'.repeat(201) }),
  ])('refuses %s without a call of the backend', async (json) => {
    const login = vi.fn()
    expect(await start({ login }).issuer.signIn(json, browser)).toMatchObject({
      ok: false,
      problem: { code: 'invalid_request' },
    })
    expect(login).not.toHaveBeenCalled()
  })

  it('forwards credentials of acceptable length, and nothing else', async () => {
    const credentials = { email: 'x'.repeat(254), password: 'x'.repeat(1024) }
    const login = vi.fn(async () => tokens)
    const register = vi.fn(async () => tokens)
    const { issuer } = start({ login, register })
    await issuer.signIn(JSON.stringify({ ...credentials, name: 'n', admin: true }), browser)
    expect(login.mock.calls).toEqual([[credentials, expect.any(Function)]])
    const named = { ...credentials, name: 'x'.repeat(200) }
    await issuer.signUp(JSON.stringify(named), browser)
    await issuer.signUp(JSON.stringify(credentials), browser)
    expect(register.mock.calls).toEqual([
      [named, expect.any(Function)],
      [{ ...credentials, name: '' }, expect.any(Function)],
    ])
  })
})

describe('the user of a backend', () => {
  const user = { id: '7', email: '', name: '', roles: ['member'], emailVerified: true, createdAt: 0 }

  it.each<[string, object, object]>([
    ['without a profile', {}, user],
    ['whose profile fails', { profile: async () => answer(500) }, user],
    [
      'whose profile says all',
      { profile: async () => answer(200, { name: 'Ada', email: 'a@b.c' }) },
      { ...user, name: 'Ada', email: 'a@b.c' },
    ],
    [
      'whose profile says what is no text',
      { profile: async () => answer(200, { name: 7, email: null }) },
      user,
    ],
    [
      'whose profile is read by a rule',
      { profile: async () => answer(200), user: () => ({ name: 'Eve' }) },
      { ...user, name: 'Eve' },
    ],
  ])('%s', async (_, options, expected) => {
    expect(await start(options).issuer.signIn(good, browser)).toMatchObject({ ok: true, user: expected })
  })

  it('is read again at each request for it', async () => {
    const { issuer } = start({ profile: async () => answer(200, { name: 'Ada' }) })
    expect(await issuer.profile('access', browser)).toEqual({ ok: true, user: { ...user, name: 'Ada' } })
  })

  it('counts the token as stale if the profile refuses it', async () => {
    for (const [status, expected] of [
      [401, ['access']],
      [403, []],
    ] as const) {
      const { issuer, outdated } = start({ profile: async () => answer(status) })
      expect(await issuer.profile('access', browser)).toMatchObject({ problem: { code: 'unavailable' } })
      expect(outdated).toEqual(expected)
    }
  })
})

describe('refusals of a backend', () => {
  it.each([400, 401, 403, 404, 422])(
    '%i means wrong credentials at sign-in, and already signed out at sign-out',
    async (status) => {
      const { issuer } = start({ login: async () => answer(status), logout: async () => answer(status) })
      expect(await issuer.signIn(good, browser)).toMatchObject({ problem: { code: 'invalid_credentials' } })
      expect(await issuer.signOut('refresh', browser)).toEqual({ ok: true })
    },
  )

  it.each([
    [500, {}, 'unavailable', undefined],
    [405, {}, 'unavailable', undefined],
    [429, { 'retry-after': '7' }, 'too_many_requests', 7],
    [503, { 'retry-after': '1234567' }, 'unavailable', 1_234_567],
    [503, { 'retry-after': '12345678' }, 'unavailable', undefined],
    [503, { 'retry-after': 'x7' }, 'unavailable', undefined],
    [503, { 'retry-after': '7x' }, 'unavailable', undefined],
    [503, { 'retry-after': '' }, 'unavailable', undefined],
  ])(
    '%i with %j neither refuses credentials nor ends a session',
    async (status, headers, code, retryAfterSeconds) => {
      const refused = async () => answer(status, {}, headers)
      const { issuer } = start({ login: refused, refresh: refused, logout: refused })
      for (const outcome of [
        await issuer.signIn(good, browser),
        await issuer.refresh('refresh', browser),
        await issuer.signOut('refresh', browser),
      ]) {
        expect(outcome).toMatchObject({ ok: false, problem: { code } })
        expect((outcome as { retryAfterSeconds?: number }).retryAfterSeconds).toBe(retryAfterSeconds)
      }
    },
  )

  it('end the session if the refresh token is refused or invalid', async () => {
    const refresh = vi.fn()
    const ended = { ok: false, problem: { code: 'session_ended' } }
    expect(await start({ refresh: undefined }).issuer.refresh('refresh', browser)).toMatchObject(ended)
    expect(await start({ refresh }).issuer.refresh('a b', browser)).toMatchObject(ended)
    expect(refresh).not.toHaveBeenCalled()
  })
})

describe('mistakes of the developer are logged once, and outages never', () => {
  it.each<[string, unknown, string | null]>([
    ['a mistake', new TypeError('mistake 1'), 'mistake 1'],
    ['what is no error', 'thrown text', 'thrown text'],
    ['an outage', new BackendUnreachable('down'), null],
  ])('%s', async (_, thrown, told) => {
    const { issuer } = start({ login: () => Promise.reject(thrown) })
    for (let times = 0; times < 2; times += 1)
      expect(await issuer.signIn(good, browser)).toMatchObject({ problem: { code: 'unavailable' } })
    expect(complaints.mock.calls).toEqual(told === null ? [] : [[`Sallyport, customIssuer: ${told}`]])
  })

  it('a token that the pages themselves refuse', async () => {
    const { issuer } = start({}, () =>
      Promise.reject(new AuthError('token_invalid', 'the issuer is another')),
    )
    expect(await issuer.signIn(good, browser)).toMatchObject({ problem: { code: 'unavailable' } })
    expect(complaints.mock.calls).toEqual([
      [expect.stringMatching(/has just issued: the issuer is another\. Compare/)],
    ])
  })
})
