import {
  type Access,
  type JsonValue,
  type Principal,
  permissionsOfRoles,
  reservedClaims,
} from '@sallyport/protocol'
import { refuseToken } from './auth-error.ts'
import { checkRegisteredClaims, isFor } from './registered-claims.ts'
import { type JsonObject, parseJsonObject } from './strict-json.ts'

/** The rules for the claims of a token. */
export type ClaimRules = {
  issuer: string
  /** The accepted audiences. */
  audience: readonly string[]
  /** The one of them that tokens for an organization have. Undefined if such tokens are refused. */
  organizationAudience?: string | undefined
  /** The definition of roles and permissions, if the API has it. */
  access?: Access | undefined
  onOtherAudience?: (audience: unknown) => void
  clockToleranceSeconds: number
  maxTokenLifetimeSeconds: number
}

/**
 * The verified claims of a token. `principal` is frozen, because many requests share the cached object. `isOfRoles` says that the token has
 * no list of permissions, and that the user has those of the roles.
 */
export type VerifiedClaims = {
  principal: Principal
  version: number
  /** The organization of the token and its version. */
  organization: { id: string; version: number } | undefined
  isOfRoles: boolean
}

/**
 * Checks the claims of a token after its signature was verified (RFC 9068 section 4, RFC 8725 sections 3.8 to 3.11). It does not use the
 * schema of `protocol`, because it must be fast (it runs for every new token) and must report which check failed.
 *
 * Does not check whether the token has expired or was revoked, because both are checked at every request.
 *
 * @throws AuthError `token_invalid`.
 */
export function readClaims(payload: Uint8Array, rules: ClaimRules, nowMs: number): VerifiedClaims {
  const claims = parseJsonObject(payload) ?? refuseToken('the payload is not one JSON object')
  const times = checkRegisteredClaims(claims, rules, 'sallyport', nowMs)
  identifier(claims, 'jti')
  const added = addedClaims(claims)
  // RFC 9068 section 2.2 requires this claim. Older versions of Sallyport issued tokens without it. Such tokens are accepted.
  if (claims.client_id !== undefined) identifier(claims, 'client_id')
  const acr = claims.acr === undefined ? undefined : identifier(claims, 'acr')
  const roles = names(claims, 'roles')
  // Only the issuer knows whether the user has all permissions of the roles. Without its word, the user has none.
  const isOfRoles = claims.permissions === undefined && claims.permissions_of === 'roles'
  const organizationId = claims.org === undefined ? undefined : identifier(claims, 'org')
  const isForOrganization =
    rules.organizationAudience !== undefined && isFor(claims.aud, rules.organizationAudience)
  if (isForOrganization !== (organizationId !== undefined))
    refuseToken('the organization and the audience of the token do not belong together')
  return {
    version: count(claims, 'ver'),
    // A token with `org` and without `org_ver` comes from an issuer whose organizations have no versions.
    organization:
      organizationId === undefined
        ? undefined
        : { id: organizationId, version: claims.org_ver === undefined ? 0 : count(claims, 'org_ver') },
    isOfRoles,
    principal: Object.freeze({
      userId: identifier(claims, 'sub'),
      sessionId: identifier(claims, 'sid'),
      roles,
      permissions:
        claims.permissions === undefined
          ? permissionsBy(isOfRoles ? rules.access : undefined, roles)
          : names(claims, 'permissions'),
      ...(organizationId !== undefined && { organizationId }),
      methods: names(claims, 'amr'),
      ...(acr !== undefined && { acr }),
      authenticatedAt: (times.authenticatedAt as number) * 1000,
      issuedAt: (times.issuedAt as number) * 1000,
      expiresAt: times.expiresAt * 1000,
      ...(added !== undefined && { claims: added }),
    }),
  }
}

/** Returns the permissions that a definition gives these roles, or none without a definition. */
export function permissionsBy(access: Access | undefined, roles: readonly string[]): readonly string[] {
  return Object.freeze(access === undefined ? [] : permissionsOfRoles(access, roles))
}

/** Returns the claims that the issuer has added to the standard claims. They are deeply frozen, like the principal. */
function addedClaims(claims: JsonObject): Readonly<Record<string, JsonValue>> | undefined {
  let added: Record<string, JsonValue> | undefined
  for (const name in claims) {
    if (reservedClaims.has(name) || name === '__proto__') continue
    added ??= {}
    added[name] = frozen(claims[name] as JsonValue)
  }
  return added && Object.freeze(added)
}

function frozen(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}

function count(claims: JsonObject, name: string): number {
  const value = claims[name]
  if (!Number.isSafeInteger(value) || (value as number) < 0) refuseToken(`${name} is not a whole number`)
  return value as number
}

function identifier(claims: JsonObject, name: string): string {
  const value = claims[name]
  if (typeof value !== 'string' || value.length === 0 || value.length > 255 || !value.isWellFormed())
    refuseToken(`${name} is not an identifier`)
  return value as string
}

function names(claims: JsonObject, name: string): readonly string[] {
  const value = claims[name]
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'string'))
    refuseToken(`${name} is not a list of strings`)
  return Object.freeze(value as string[])
}
