import { didYouMean } from '../../packages/protocol/src/did-you-mean.ts'
import { issueToken, type Json } from '../../packages/verify/src/testing/issuer.ts'
import type { VectorKeys } from './vector.ts'

/** The definition of these vectors, in the form of `sallyport access export`. One role has the name of a member of every object. */
export const definition = {
  permissions: ['invoice:read', 'invoice:write', 'report:read', 'member/manage.all'],
  roles: {
    owner: ['invoice:read', 'invoice:write', 'report:read', 'member/manage.all'],
    finance: ['report:read', 'invoice:read'],
    member: ['invoice:read'],
    'Finance (EU)': ['invoice:write'],
    guest: [],
    constructor: ['report:read'],
  },
}

/** A token, and the permissions that the user has with and without the definition. */
export type PermissionVector = {
  name: string
  token: string
  permissions: string[]
  withoutDefinition: string[]
}

/** A name of a guard, and the sentence with which the guard is refused at the start, or null. */
export type NameVector = { kind: 'role' | 'permission'; name: string; fault: string | null }

export function permissionCases({ first }: VectorKeys): PermissionVector[] {
  const token = (name: string, claims: Json, permissions: string[], withoutDefinition: string[] = []) => ({
    name,
    token: issueToken(first, claims),
    permissions,
    withoutDefinition,
  })
  const ofRoles = (name: string, roles: string[], permissions: string[]) =>
    token(name, { roles, permissions_of: 'roles' }, permissions)
  return [
    ofRoles('the permissions of a role', ['member'], ['invoice:read']),
    ofRoles('of two roles, each of them once', ['finance', 'member'], ['report:read', 'invoice:read']),
    ofRoles(
      'of two roles, in the order of the roles',
      ['member', 'finance'],
      ['invoice:read', 'report:read'],
    ),
    ofRoles('of a role with all permissions', ['owner'], definition.permissions),
    ofRoles('of a role whose name has a space', ['Finance (EU)'], ['invoice:write']),
    ofRoles('of a role without permissions', ['guest'], []),
    ofRoles('of no role', [], []),
    ofRoles('of a role that is not defined', ['stranger'], []),
    ofRoles('of a defined role beside one that is not', ['stranger', 'member'], ['invoice:read']),
    ofRoles('of a role with another letter case', ['Owner'], []),
    ofRoles('of a role with the name of a member of every object', ['constructor'], ['report:read']),
    ofRoles('of roles with such names that are not defined', ['toString', '__proto__', '__class__'], []),
    token('no claim about permissions', { roles: ['owner'] }, []),
    token('another word than roles', { roles: ['owner'], permissions_of: 'all' }, []),
    token('roles as a list', { roles: ['owner'], permissions_of: ['roles'] }, []),
    token('true in place of a word', { roles: ['owner'], permissions_of: true }, []),
    token('null in place of a word', { roles: ['owner'], permissions_of: null }, []),
    token('permissions of the token', { roles: ['owner'], permissions: ['a:b'] }, ['a:b'], ['a:b']),
    token(
      'permissions of the token, although those of the roles are named',
      { roles: ['owner'], permissions: ['invoice:read'], permissions_of: 'roles' },
      ['invoice:read'],
      ['invoice:read'],
    ),
    token(
      'no permissions in the token, although those of the roles are named',
      { roles: ['owner'], permissions: [], permissions_of: 'roles' },
      [],
    ),
  ]
}

export function nameCases(): NameVector[] {
  const kinds = { role: Object.keys(definition.roles), permission: definition.permissions }
  const names: [kind: 'role' | 'permission', name: string][] = [
    ['permission', 'report:read'],
    ['permission', 'report:raed'],
    ['permission', 'report:rea'],
    ['permission', 'reports:read'],
    ['permission', 'Report:Read'],
    ['permission', 'rprt:red'],
    ['permission', 'x'],
    ['permission', 'owner'],
    ['permission', '*'],
    ['permission', 'a "b"\n\\c'],
    ['permission', 'größe:read'],
    ['role', 'owner'],
    ['role', 'Finance (EU)'],
    ['role', 'constructor'],
    ['role', 'ownr'],
    ['role', 'woner'],
    ['role', 'OWNER'],
    ['role', 'Finance (UE)'],
    ['role', 'toString'],
    ['role', 'report:read'],
  ]
  return names.map(([kind, name]) => {
    const isDefined = kinds[kind].includes(name)
    const sentence = `There is no ${kind} ${JSON.stringify(name)}.${didYouMean(name, kinds[kind])}`
    return { kind, name, fault: isDefined ? null : sentence }
  })
}

/** JSON that is not a definition. A verifier with it must not start. */
export const wrongDefinitions: unknown[] = [
  null,
  [],
  'access',
  {},
  { permissions: ['a'] },
  { roles: {} },
  { permissions: 'a', roles: {} },
  { permissions: ['a', 1], roles: {} },
  { permissions: ['a'], roles: ['owner'] },
  { permissions: ['a'], roles: { owner: ['b'] } },
  { permissions: ['a'], roles: { owner: 'a' } },
  { permissions: ['a'], roles: { owner: ['*'] } },
  { permissions: ['a'], roles: { owner: null } },
  { permissions: ['a'], roles: {}, default: [] },
]
