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
  // Each permission is listed once.
  [
    ['member', 'finance'],
    ['read', 'write', 'pay'],
  ],
  // Roles that the settings do not define have no permissions.
  [['stranger', 'constructor', '__proto__', 'toString'], []],
  [
    ['stranger', 'finance'],
    ['write', 'pay'],
  ],
])('the roles %j have the permissions %j', (roles, expected) => {
  expect(permissions(roles)).toEqual(expected)
})

test.each([
  ['permissions', null, ['read']],
  ['permissions', 1, ['read', 'write', 'pay']],
  ['sign-in', null, ['read', 'write', 'pay']],
  ['off', null, ['read', 'write', 'pay']],
] as const)(
  'with emailVerification %s and emailVerifiedAt %j, the permissions are %j',
  (emailVerification, at, expected) => {
    const options = { emailVerification, verifiedPermissions: ['write', 'pay', 'other'] }
    expect(permissions(['member', 'finance'], options, at)).toEqual(expected)
  },
)
