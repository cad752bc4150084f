import { freshProofMs } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { readConfig } from '../../config/config.ts'
import type { StoredSession } from '../../store/session.ts'
import type { StoredUser } from '../../store/user.ts'
import { claimsOf, startSallyport, testOptions } from '../../testing/sallyport.ts'
import { keyringOf } from '../../tokens/keyring.ts'
import { createRefreshTokens } from '../../tokens/refresh-token.ts'
import { makeSigningKey, openSigningKey } from '../../tokens/signing-key.ts'
import { issueTokens } from './issue-tokens.ts'

/** Half a second after a full second. */
const now = Date.UTC(2026, 0, 1) + 500
const iat = Math.floor(now / 1000)
const keyring = keyringOf(testOptions.secret)
const key = openSigningKey(keyring, await makeSigningKey(keyring))
const refreshTokens = createRefreshTokens(keyring)
const config = readConfig({
  ...testOptions,
  accessTokenTtlSeconds: 600,
  sessionIdleSeconds: 3_600,
  sessionAbsoluteSeconds: 86_400,
})
const user: StoredUser = {
  id: 'user-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: ['member'],
  version: 3,
  createdAt: 0,
  updatedAt: 0,
  signedInAt: null,
  disabledAt: null,
  emailVerifiedAt: null,
  deleteAt: null,
  fields: {},
}
const session: StoredSession = {
  id: '019a0000-0000-7000-8000-000000000001',
  userId: user.id,
  salt: Buffer.alloc(16).toString('base64url'),
  generation: 5,
  parentBranch: 0,
  branches: 3,
  openedAt: now,
  methods: ['pwd'],
  authenticatedAt: now,
  createdAt: now,
  lastUsedAt: now,
  expiresAt: now + 86_400_000,
  endedAt: null,
  endReason: null,
  idleSeconds: 3_600,
  address: null,
  userAgent: null,
}

function issued(changes: { session?: object; user?: object; claims?: object } = {}) {
  const context = { config, clock: () => now, refreshTokens, signingKeys: { current: () => key } }
  const tokens = issueTokens(
    context,
    { ...session, ...changes.session },
    { ...user, ...changes.user },
    { generation: 5, branch: 2 },
    { of: '', claims: { ...changes.claims } },
  )
  return { ...tokens, claims: claimsOf(tokens.accessToken) }
}

test('a pair of tokens names the user, session and branch, and its lifetimes', () => {
  const { claims, refreshToken, expiresIn, refreshExpiresIn } = issued()
  expect(claims).toEqual({
    ...{ iss: config.issuer, aud: config.audience, client_id: config.clientId },
    ...{ sub: user.id, sid: session.id, ver: 3, jti: expect.any(String) },
    ...{ iat, exp: iat + 600, auth_time: iat, amr: ['pwd'], acr: 'aal1' },
    ...{ roles: ['member'], permissions: ['invoice:read'] },
  })
  expect([expiresIn, refreshExpiresIn]).toEqual([600, 3_600])
  const parsed = refreshTokens.parse(refreshToken)
  expect(parsed).toMatchObject({ sessionId: session.id, generation: 5, branch: 2 })
  expect(parsed !== null && refreshTokens.isGenuine(parsed, session.salt)).toBe(true)
})

test('a user without permissions has no claim `permissions`', () => {
  expect(issued({ user: { roles: ['finance'] } }).claims).not.toHaveProperty('permissions')
})

test('an added claim is in the access token, and replaces no standard claim', () => {
  const { claims } = issued({
    claims: { plan: 'team', sub: 'user-2', roles: ['admin'], permissions: ['all'] },
  })
  expect(claims).toMatchObject({
    plan: 'team',
    sub: 'user-1',
    roles: ['member'],
    permissions: ['invoice:read'],
  })
})

test.each([
  // Milliseconds to the absolute end of the session; lifetimes of the tokens in seconds.
  [3_600_001, 600, 3_600],
  [3_600_000, 600, 3_600],
  [3_599_999, 600, 3_599],
  [600_999, 600, 600],
  [90_500, 90, 90],
  [999, 1, 1],
])(
  '%i ms before the end of the session, the tokens are valid for %i and %i seconds [R08]',
  (left, access, refresh) => {
    const { claims, expiresIn, refreshExpiresIn } = issued({ session: { expiresAt: now + left } })
    expect([expiresIn, refreshExpiresIn]).toEqual([access, refresh])
    expect(claims.exp).toBe(iat + access)
  },
)

test.each([
  ['an hour ago', -3_600_000, iat - 3_600],
  ['now', 0, iat],
  ['in the future, after the clock was put back a little', 60_000, iat],
  ['ten minutes ahead', freshProofMs, iat],
  ['further ahead, so that its age is unknown', freshProofMs + 1, 1],
])('auth_time of a password that was checked %s', (_, after, authTime) => {
  expect(issued({ session: { authenticatedAt: now + after } }).claims.auth_time).toBe(authTime)
})

test('a sign-in opens a session whose first refresh token has its first branch', async () => {
  const server = await startSallyport({ sessionAbsoluteSeconds: 7_200, sessionIdleSeconds: 600 })
  await server.addUser()
  const { refreshToken, accessToken } = await server.signIn()
  expect(server.rows('session')).toMatchObject([
    {
      ...{ generation: 0, parentBranch: -1, branches: 1, endedAt: null, idleSeconds: 600 },
      ...{ createdAt: server.clock(), expiresAt: server.clock() + 7_200_000 },
    },
  ])
  expect(claimsOf(accessToken).amr).toEqual(['pwd'])
  const parsed = createRefreshTokens(keyring).parse(refreshToken)
  expect(parsed).toMatchObject({ sessionId: claimsOf(accessToken).sid, generation: 0, branch: 0 })
})
