import type { JsonValue } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import {
  accessTokenBytes,
  type IssuedClaims,
  maxAccessTokenBytes,
  type PermissionClaims,
} from '../tokens/sign-access-token.ts'
import { permissionsOf } from './permissions.ts'

type Configured = { config: Config }
type Holder = { roles: readonly string[]; emailVerifiedAt: number | null }
type Content = PermissionClaims & { claims?: Readonly<Record<string, JsonValue>> }

const number = new Intl.NumberFormat('en')
const id = 'x'.repeat(36)
const time = 9_999_999_999

/** The maximum number of sizes that are cached for one configuration. Usually there are only a few different sets of roles. */
const maxRemembered = 1_000
const remembered = new WeakMap<Config, Map<string, number>>()

/**
 * Returns the maximum size in bytes of an access token with these roles. Parts that differ between tokens count with their maximum length.
 * If there are no claims from the app, the size is cached, because it is needed several times for each token.
 */
function bytesOf({ config }: Configured, roles: readonly string[], content: Content): number {
  if (content.claims !== undefined) return countBytes({ config }, roles, content)
  const sizes = remembered.get(config) ?? new Map<string, number>()
  remembered.set(config, sizes)
  const key = JSON.stringify([roles, content.permissions, content.permissions_of])
  const known = sizes.get(key)
  if (known !== undefined) return known
  const bytes = countBytes({ config }, roles, content)
  if (sizes.size >= maxRemembered) sizes.clear()
  sizes.set(key, bytes)
  return bytes
}

function countBytes(
  { config }: Configured,
  roles: readonly string[],
  { claims, ...permissions }: Content,
): number {
  const issued: IssuedClaims = {
    iss: config.issuer,
    aud: config.audience,
    client_id: config.clientId,
    sub: id,
    sid: id,
    ver: time,
    jti: id,
    iat: time,
    exp: time,
    auth_time: time,
    amr: ['pwd'],
    acr: 'aal1',
    roles: [...roles],
    ...permissions,
  }
  return accessTokenBytes({ ...claims, ...issued })
}

/**
 * Returns the size with all permissions, also those that require a verified address. If all of them do not fit, and verifiers can take them
 * from the definition, returns the size without them.
 */
function withAllPermissions(context: Configured, roles: readonly string[]): number {
  const bytes = bytesOf(context, roles, listed(permissionsOf(context, verified(roles))))
  return bytes > maxAccessTokenBytes && context.config.access !== undefined
    ? bytesOf(context, roles, ofRoles)
    : bytes
}

const ofRoles: PermissionClaims = { permissions_of: 'roles' }

function listed(permissions: string[]): PermissionClaims {
  return permissions.length > 0 ? { permissions } : {}
}

/** A user with these roles and a verified address, who so has all permissions of the roles. */
function verified(roles: readonly string[]) {
  return { roles: [...roles], emailVerifiedAt: 0 }
}

/**
 * If an access token with these roles does not fit into a cookie, returns the reason, as a message for operators. Otherwise returns null.
 */
export function tooLarge(context: Configured, roles: readonly string[]): string | null {
  const bytes = withAllPermissions(context, roles)
  if (bytes <= maxAccessTokenBytes) return null
  const parts = roles.map((role) => {
    const permissions = permissionsOf(context, verified([role]))
    return {
      role,
      count: permissions.length,
      bytes: Buffer.byteLength(JSON.stringify([role, ...permissions])),
    }
  })
  const largest = parts
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, 3)
    .map((part) => `${part.role} (${number.format(part.bytes)} bytes with ${part.count} permissions)`)
  return [
    `The access token would have ${number.format(bytes)} bytes, ${number.format(bytes - maxAccessTokenBytes)} more than the ${number.format(maxAccessTokenBytes)} that fit into a cookie.`,
    ...(largest.length > 0 ? [`Largest of the roles: ${largest.join(', ')}.`] : []),
  ].join(' ')
}

/**
 * Checks the size of the access token for each single role and for the default roles.
 *
 * @throws TypeError with one line for each token that does not fit into a cookie.
 */
export function requireRolesThatFit(config: Config): void {
  const context = { config }
  const name = tooLarge(context, [])
  if (name !== null)
    throw new TypeError(
      `SALLYPORT_AUDIENCE has too many or too long names. ${name} Use fewer or shorter names.`,
    )
  const lines = Object.keys(config.rolePermissions).flatMap((role) => {
    const why = tooLarge(context, [role])
    return why === null
      ? []
      : [
          `SALLYPORT_ROLES gives the role ${role} too many permissions. ${why} Use fewer or shorter permissions.`,
        ]
  })
  const why = lines.length > 0 ? null : tooLarge(context, config.defaultRoles)
  if (why !== null)
    lines.push(
      `SALLYPORT_DEFAULT_ROLES gives new users too many roles or permissions. ${why} Use fewer of them.`,
    )
  if (lines.length > 0) throw new TypeError(lines.join('\n'))
}

/** Returns the roles whose tokens have less than `wanted` bytes left for added claims. `left` is the number of bytes of JSON that fit. */
export function rolesWithLittleRoom(config: Config, wanted: number): { role: string; left: number }[] {
  return Object.keys(config.rolePermissions).flatMap((role) => {
    const left = Math.floor(((maxAccessTokenBytes - withAllPermissions({ config }, [role])) * 3) / 4)
    return left < wanted ? [{ role, left }] : []
  })
}

/** Returns a length in characters. A stored list of roles that is not longer than this always fits into a token and needs no check. */
export function charactersToLookAt(config: Config): number {
  const left =
    ((maxAccessTokenBytes - withAllPermissions({ config }, Object.keys(config.rolePermissions))) * 3) / 4
  // A character has at most four bytes.
  return Math.max(0, Math.floor(left / 4))
}

/**
 * Returns the claims that say which permissions a user has: a list of all of them, if it fits into a cookie. If it does not, verifiers with
 * the definition take the permissions from it (`permissions_of`), unless the user lacks permissions of the roles because the address is not
 * verified. Otherwise there is no claim: the user can do less but never more, and can still open the pages. Roles are never left out, because
 * a role such as `suspended` may restrict what the user can do.
 */
export function permissionClaims(context: Configured, user: Holder): PermissionClaims {
  const holder = { roles: [...user.roles], emailVerifiedAt: user.emailVerifiedAt }
  const all = listed(permissionsOf(context, holder))
  if (bytesOf(context, user.roles, all) <= maxAccessTokenBytes) return all
  const hasAll = all.permissions?.length === permissionsOf(context, verified(user.roles)).length
  return hasAll && context.config.access !== undefined ? ofRoles : {}
}

/** Returns whether the token leaves out permissions of the user, although verifiers cannot take them from the definition. */
export function leavesPermissionsOut(context: Configured, user: Holder): boolean {
  const { permissions, permissions_of: source } = permissionClaims(context, user)
  const holder = { roles: [...user.roles], emailVerifiedAt: user.emailVerifiedAt }
  return permissions === undefined && source === undefined && permissionsOf(context, holder).length > 0
}

/** Returns by how many bytes the user's access token with these added claims exceeds the limit, or 0 if it fits into a cookie. */
export function bytesOver(
  context: Configured,
  user: Holder,
  claims?: Readonly<Record<string, JsonValue>>,
): number {
  const bytes = bytesOf(context, user.roles, {
    ...permissionClaims(context, user),
    ...(claims && { claims }),
  })
  return Math.max(0, bytes - maxAccessTokenBytes)
}
