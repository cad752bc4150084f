import { describe, expect, test } from 'vitest'
import { isAllowed, type Principal, type Requirement } from './principal.ts'

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
