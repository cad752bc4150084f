import { describe, expect, test } from 'vitest'
import type { Principal } from './principal.ts'
import { asksForConfirmation, isAllowed, type Requirement, refusalOf } from './requirement.ts'

const principal = { roles: ['member'], permissions: ['invoice:read'] } as unknown as Principal

describe('isAllowed', () => {
  test('requires one name of each list, and nothing without a requirement', () => {
    expect(isAllowed(principal)).toBe(true)
    expect(isAllowed(principal, {})).toBe(true)
    expect(isAllowed(principal, { role: ['owner', 'member'] })).toBe(true)
    expect(isAllowed(principal, { role: 'owner' })).toBe(false)
    expect(isAllowed(principal, { role: ['owner', 'manager'] })).toBe(false)
    expect(isAllowed(principal, { role: 'mem' })).toBe(false)
    expect(isAllowed(principal, { permission: 'invoice:read' })).toBe(true)
    expect(isAllowed(principal, { permission: ['invoice:write', 'invoice:read'] })).toBe(true)
    expect(isAllowed(principal, { role: 'member', permission: 'invoice:read' })).toBe(true)
    expect(isAllowed(principal, { role: 'member', permission: 'invoice:write' })).toBe(false)
    expect(isAllowed(principal, { role: 'owner', permission: 'invoice:read' })).toBe(false)
    expect(isAllowed(principal, { role: 'invoice:read' })).toBe(false)
    expect(isAllowed(principal, { permission: 'member' })).toBe(false)
  })

  test.each<unknown>([
    undefined,
    null,
    'owner',
    ['owner'],
    { role: undefined },
    { role: '' },
    { role: [] },
    { roles: 'owner' },
    { permission: [undefined] },
    { role: ['member', ''] },
    { role: 'member', permission: undefined },
    { role: 'member', roles: 'owner' },
    { role: { name: 'member' } },
    { acr: undefined },
    { acr: 'aal1' },
    { acr: ['aal2'] },
    { maxAgeSeconds: undefined },
    { maxAgeSeconds: 0 },
    { maxAgeSeconds: -1 },
    { maxAgeSeconds: 1.5 },
    { maxAgeSeconds: Number.NaN },
    { maxAgeSeconds: '600' },
    { maxAge: 600 },
    [],
    7,
  ])('refuses a requirement that would admit everybody: %j', (requirement) => {
    expect(() => isAllowed(principal, requirement as Requirement)).toThrow(TypeError)
  })

  test('says that a requirement is not an object', () => {
    for (const requirement of [undefined, null, 'owner', ['owner'], 7])
      expect(() => isAllowed(principal, requirement as unknown as Requirement)).toThrow('is not an object')
    expect(() => isAllowed(principal, { roles: 'owner' } as Requirement)).toThrow('no "roles"')
  })
})

describe('refusalOf', () => {
  const at = (now: number, asked: Requirement, changes: Partial<Principal> = {}) =>
    refusalOf({ ...principal, authenticatedAt: 1_000, ...changes }, asked, now)

  test('asks for a recent authentication: up to the age, and never with a time that is no number', () => {
    expect(at(601_000, { maxAgeSeconds: 600 })).toBeNull()
    expect(at(601_001, { maxAgeSeconds: 600 })).toBe('insufficient_user_authentication')
    expect(at(0, { maxAgeSeconds: 600 })).toBeNull()
    expect(at(Number.NaN, { maxAgeSeconds: 600 })).toBe('insufficient_user_authentication')
    const unknown = { authenticatedAt: undefined as unknown as number }
    expect(at(0, { maxAgeSeconds: 600 }, unknown)).toBe('insufficient_user_authentication')
  })

  test('asks for two factors: a token without acr, or with another one, has fewer', () => {
    expect(at(0, { acr: 'aal2' }, { acr: 'aal2' })).toBeNull()
    for (const acr of [undefined, 'aal1', 'AAL2', 'aal3', ''])
      expect(at(0, { acr: 'aal2' }, acr === undefined ? {} : { acr })).toBe(
        'insufficient_user_authentication',
      )
  })

  test('reports a missing role first, because another authentication does not help then', () => {
    expect(at(0, { role: 'owner', acr: 'aal2' })).toBe('forbidden')
    expect(at(0, { role: 'member', acr: 'aal2' })).toBe('insufficient_user_authentication')
  })
})

test.each([
  ['Bearer error="insufficient_user_authentication", max_age="600"', true],
  ['DPoP realm="x", error="insufficient_user_authentication"', true],
  ['Bearer error=insufficient_user_authentication', true],
  ['Bearer error="invalid_token"', false],
  ['Bearer error_description="no insufficient_user_authentication"', false],
  [null, false],
])('an API asks for another authentication with the challenge %s: %s', (challenge, expected) => {
  const headers = new Headers(challenge === null ? {} : { 'www-authenticate': challenge })
  expect(asksForConfirmation({ status: 401, headers })).toBe(expected)
  expect(asksForConfirmation({ status: 403, headers })).toBe(false)
})
