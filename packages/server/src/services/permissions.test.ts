import { expect, test } from 'vitest'
import { type Config, readConfig } from '../config/config.ts'
import { testOptions } from '../testing/sallyport.ts'
import { permissionsOf } from './permissions.ts'

const rolePermissions = { member: ['read', 'write'], finance: ['write', 'pay'], guest: [] }

function permissions(roles: string[], options: object = {}, emailVerifiedAt: number | null = null): string[] {
  const config: Config = { ...readConfig({ ...testOptions, rolePermissions }), ...options }
  return permissionsOf({ config }, { roles, emailVerifiedAt })
}

test.each([
  [[], []],
  [['member'], ['read', 'write']],
  [['guest'], []],
  // Each once.
  [
    ['member', 'finance'],
    ['read', 'write', 'pay'],
  ],
  // What the settings do not name may do nothing.
  [['stranger', 'constructor', '__proto__', 'toString'], []],
  [
    ['stranger', 'finance'],
    ['write', 'pay'],
  ],
])('the roles %j may do %j', (roles, expected) => {
  expect(permissions(roles)).toEqual(expected)
})

test.each([
  ['permissions', null, ['read']],
  ['permissions', 1, ['read', 'write', 'pay']],
  ['sign-in', null, ['read', 'write', 'pay']],
  ['off', null, ['read', 'write', 'pay']],
] as const)(
  'where an address is proven for %s, and was at %j, they may do %j',
  (emailVerification, at, expected) => {
    const options = { emailVerification, verifiedPermissions: ['write', 'pay', 'other'] }
    expect(permissions(['member', 'finance'], options, at)).toEqual(expected)
  },
)
