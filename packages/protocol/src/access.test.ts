import { describe, expect, expectTypeOf, test } from 'vitest'
import { type Access, type AccessDefinition, defineAccess, permissionsOfRoles, readAccess } from './access.ts'
import type { Requirement } from './requirement.ts'

const access = defineAccess({
  permissions: ['invoice:read', 'invoice:write', 'report:read'],
  roles: { owner: '*', finance: ['invoice:read', 'report:read'], member: ['invoice:read'], guest: [] },
})

test('a definition is plain, frozen data in which each role has a list', () => {
  expect(access).toEqual({
    permissions: ['invoice:read', 'invoice:write', 'report:read'],
    roles: {
      owner: ['invoice:read', 'invoice:write', 'report:read'],
      finance: ['invoice:read', 'report:read'],
      member: ['invoice:read'],
      guest: [],
    },
  })
  expect(JSON.parse(JSON.stringify(access))).toEqual(access)
  for (const part of [access, access.permissions, access.roles, ...Object.values(access.roles)])
    expect(Object.isFrozen(part)).toBe(true)
})

test('the types have exactly the defined names', () => {
  type Asked = Requirement<typeof access>
  expectTypeOf<Extract<Asked['role'], string>>().toEqualTypeOf<'owner' | 'finance' | 'member' | 'guest'>()
  expectTypeOf<Extract<Asked['permission'], string>>().toEqualTypeOf<
    'invoice:read' | 'invoice:write' | 'report:read'
  >()
  // @ts-expect-error The role has a permission that is not listed.
  expect(() => defineAccess({ permissions: ['a'], roles: { owner: ['b'] } })).toThrow(TypeError)
})

describe('the definition is refused', () => {
  test.each<[unknown, string]>([
    [undefined, 'defineAccess takes an object'],
    [null, 'defineAccess takes an object'],
    [[], 'defineAccess takes an object'],
    ['{}', 'defineAccess takes an object'],
    [{}, '`permissions` must be a list of names.'],
    [{ permissions: 'a', roles: {} }, '`permissions` must be a list of names.'],
    [{ permissions: ['a'] }, '`roles` must give each role its permissions'],
    [{ permissions: ['a'], roles: ['owner'] }, '`roles` must give each role its permissions'],
    [{ permissions: [], roles: {}, role: {} }, 'A definition has no member "role".'],
    [{ permissions: ['a', 'b', 'a'], roles: {} }, '`permissions` has "a" twice.'],
    [{ permissions: [''], roles: {} }, '"" cannot be a permission.'],
    [{ permissions: ['*'], roles: {} }, '"*" cannot be a permission.'],
    [{ permissions: ['a b'], roles: {} }, '"a b" cannot be a permission.'],
    [{ permissions: ['a\n'], roles: {} }, '"a\\n" cannot be a permission.'],
    [{ permissions: ['a'.repeat(65)], roles: {} }, 'cannot be a permission.'],
    [{ permissions: [1], roles: {} }, '1 cannot be a permission.'],
    [{ permissions: [null], roles: {} }, 'null cannot be a permission.'],
    [{ permissions: ['a'], roles: { '': '*' } }, '"" cannot be a role.'],
    [{ permissions: ['a'], roles: { 'a,b': '*' } }, '"a,b" cannot be a role.'],
    [{ permissions: ['a'], roles: { ['r'.repeat(65)]: '*' } }, 'cannot be a role.'],
    [{ permissions: ['a'], roles: { owner: 'a' } }, "The role owner must have a list of permissions, or '*'"],
    [{ permissions: ['a'], roles: { owner: null } }, 'The role owner must have a list of permissions'],
    [{ permissions: ['a'], roles: { owner: ['*'] } }, "For all of them, write '*' without the list."],
    [{ permissions: ['a'], roles: { owner: ['a', 'a'] } }, 'The role owner has "a" twice.'],
    [
      { permissions: ['a'], roles: { owner: [1] } },
      'The role owner has 1, which `permissions` does not list.',
    ],
    [{ permissions: ['report:read'], roles: { owner: ['report:raed'] } }, 'Did you mean report:read?'],
  ])('%j', (definition, message) => {
    const define = () => defineAccess(definition as AccessDefinition)
    expect(define).toThrow(TypeError)
    expect(define).toThrow(message)
    expect(() => readAccess(definition as Access)).toThrow(/^`access`: /)
  })
})

test('a definition from JSON is read like the original, with * too', () => {
  expect(readAccess(JSON.parse(JSON.stringify(access)))).toEqual(access)
  const short = JSON.parse('{"permissions":["a","b"],"roles":{"owner":"*"}}')
  expect(readAccess(short).roles).toEqual({ owner: ['a', 'b'] })
})

test('roles have their permissions once; an undefined role has none, whatever its name', () => {
  expect(permissionsOfRoles(access, ['member', 'finance'])).toEqual(['invoice:read', 'report:read'])
  for (const role of ['nobody', 'constructor', '__proto__', 'toString', ''])
    expect(permissionsOfRoles(access, [role])).toEqual([])
  const odd = readAccess(JSON.parse('{"permissions":["a"],"roles":{"__proto__":["a"],"constructor":["a"]}}'))
  expect(permissionsOfRoles(odd, ['__proto__'])).toEqual(['a'])
  expect(permissionsOfRoles(odd, ['constructor'])).toEqual(['a'])
  expect(permissionsOfRoles(odd, ['toString'])).toEqual([])
})
