import type { AccessTokenClaims } from '@sallyport/protocol'
import { expect, test } from 'vitest'
import { readClaims } from './claims.ts'

const rules = {
  issuer: 'https://auth.example.com',
  audience: ['api', 'api/organization'],
  organizationAudience: 'api/organization',
  clockToleranceSeconds: 5,
  maxTokenLifetimeSeconds: 3_600,
}
const now = 1_800_000_000

/** Each claim of an access token, and where a verified token shows it; null if it is only checked. The compiler requires every claim. */
const claims: {
  [Name in keyof Required<AccessTokenClaims>]: [value: unknown, member: string | null, shown?: unknown]
} = {
  iss: [rules.issuer, null],
  aud: ['api/organization', null],
  client_id: ['app', null],
  jti: ['token-1', null],
  ver: [7, 'version'],
  sub: ['user-1', 'userId'],
  sid: ['session-1', 'sessionId'],
  org: ['org-1', 'organizationId'],
  org_ver: [3, null],
  roles: [['owner'], 'roles'],
  permissions: [['report:read'], 'permissions'],
  permissions_of: ['roles', null],
  amr: [['pwd'], 'methods'],
  acr: ['aal1', 'acr'],
  iat: [now, 'issuedAt', now * 1000],
  exp: [now + 600, 'expiresAt', (now + 600) * 1000],
  auth_time: [now - 60, 'authenticatedAt', (now - 60) * 1000],
}

test('every claim of an access token is checked or shown, and none of them among the added claims', () => {
  const payload = Object.fromEntries(Object.entries(claims).map(([name, [value]]) => [name, value]))
  const { principal, version } = readClaims(Buffer.from(JSON.stringify(payload)), rules, now * 1000)
  const expected = Object.values(claims).flatMap(([value, member, shown = value]) =>
    member ? [[member, shown]] : [],
  )
  expect({ ...principal, version }).toEqual(Object.fromEntries(expected))
})
