import type { Principal } from '@sallyport/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { isDue, resolveSession } from './resolve-session.ts'
import type { Runtime } from './runtime.ts'

const minute = 60_000

test.each([
  ['ten minutes, just made', 10, 0, false],
  ['ten minutes, 61 seconds before its end', 10, 9 * minute - 1_000, false],
  ['ten minutes, 60 seconds before its end', 10, 9 * minute, false],
  ['ten minutes, 59 seconds before its end', 10, 9 * minute + 1_000, true],
  ['one minute, just made', 1, 0, false],
  ['one minute, before half of it', 1, 29_000, false],
  ['one minute, after half of it', 1, 31_000, true],
  ['ended', 10, 11 * minute, true],
])('decides whether to renew a token of %s [R11]', (_, lifeMinutes, age, due) => {
  const issuedAt = Date.UTC(2026, 0, 1)
  expect(isDue({ issuedAt, expiresAt: issuedAt + lifeMinutes * minute }, minute, issuedAt + age)).toBe(due)
})

describe('a token that expires in five seconds, without the auth server [D08]', () => {
  const issuedAt = Date.UTC(2026, 0, 1)
  const expiresAt = issuedAt + 10 * minute
  const principal: Principal = {
    userId: 'ada',
    sessionId: 's1',
    roles: [],
    permissions: [],
    methods: ['pwd'],
    authenticatedAt: issuedAt,
    issuedAt,
    expiresAt,
  }
  const config = readConfig(
    { server: 'http://localhost:4000', audience: 'web', app: 'http://localhost:3000' },
    {},
  )
  afterEach(() => {
    vi.useRealTimers()
  })

  const resolveAfter = (waitMs: number) => {
    vi.useFakeTimers({ now: expiresAt - 5_000, toFake: ['Date'] })
    const runtime = {
      config,
      verifier: { verify: async () => principal },
      refresh: async () => {
        vi.setSystemTime(Date.now() + waitMs)
        return { kind: 'unavailable' }
      },
    } as unknown as Runtime
    const browser = { address: null, userAgent: null, requestId: null, device: null }
    return resolveSession(runtime, 'accessToken=a; refreshToken=r', browser, () => true)
  }

  test('is accepted if the failure is immediate', async () => {
    expect(await resolveAfter(10)).toEqual({ kind: 'signedIn', principal, accessToken: 'a', changes: [] })
  })

  test('is unknown after its expiry, without a redirect to sign-in', async () => {
    for (const waitMs of [5_000, 10_000])
      expect(await resolveAfter(waitMs)).toEqual({ kind: 'unavailable', changes: [] })
    expect(await resolveAfter(4_999)).toMatchObject({ kind: 'signedIn' })
  })
})

test('a token for an organization in the session cookie is no session [G03]', async () => {
  const now = Date.now()
  const principal = {
    userId: 'ada',
    sessionId: 's1',
    roles: ['owner'],
    permissions: [],
    methods: ['pwd'],
    authenticatedAt: now,
    issuedAt: now,
    expiresAt: now + 10 * minute,
  }
  const config = readConfig(
    { server: 'http://localhost:4000', audience: 'web', app: 'http://localhost:3000' },
    {},
  )
  const browser = { address: null, userAgent: null, requestId: null, device: null }
  const kindFor = async (found: Principal) => {
    const runtime = { config, verifier: { verify: async () => found } } as unknown as Runtime
    return (await resolveSession(runtime, `${config.cookies.accessToken}=a.b.c`, browser, () => false)).kind
  }
  expect(await kindFor(principal)).toBe('signedIn')
  expect(await kindFor({ ...principal, organizationId: 'o-1' })).toBe('none')
})
