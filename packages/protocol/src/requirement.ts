import type { Access, PermissionOf, RoleOf } from './access.ts'
import type { ErrorCode } from './errors.ts'
import type { Principal } from './principal.ts'

/**
 * What a guard requires of a signed-in user. Every member that is given must be met. If a list has several names, the user needs only one
 * of them. `Defined` is the type of the definition of roles and permissions, if there is one.
 */
export type Requirement<Defined extends Access = Access> = {
  /** The required role. With a list of roles, the user needs one of them. */
  role?: RoleOf<Defined> | readonly RoleOf<Defined>[]
  /** The required permission. With a list of permissions, the user needs one of them. */
  permission?: PermissionOf<Defined> | readonly PermissionOf<Defined>[]
  /**
   * The required level of authentication. `aal2` means two factors. A user with one factor gets `insufficient_user_authentication` (RFC
   * 9470).
   */
  acr?: 'aal2'
  /**
   * How long ago the user may have authenticated, in seconds: a positive whole number. A user who authenticated earlier gets
   * `insufficient_user_authentication` (RFC 9470), confirms the password, and may try again. A refresh does not count as an authentication.
   */
  maxAgeSeconds?: number
}

/**
 * The arguments of a guard: a requirement, or nothing. A guard without arguments accepts every signed-in user. The argument `undefined` is
 * refused, because it usually comes from a misspelt name. The type is a list, so that a missing argument differs from the argument
 * `undefined`.
 */
export type AskedRequirement<Defined extends Access = Access> = [requirement?: Requirement<Defined>]

/**
 * Returns whether a principal meets a requirement now. If there is no requirement, or it is `{}`, the result is true.
 *
 * @throws TypeError if the requirement is undefined or has a misspelt name, or if one of its members is empty, undefined or of another
 * type.
 */
export function isAllowed(principal: Principal, ...asked: AskedRequirement): boolean {
  return refusalOf(principal, requirementOf(asked), Date.now()) === null
}

/** What a principal lacks: a role or permission, or a better or more recent authentication. */
export type RequirementRefusal = Extract<ErrorCode, 'forbidden' | 'insufficient_user_authentication'>

/**
 * Returns the error code with which a requirement refuses a principal, or null if the principal meets it. `requirement` is a result of
 * {@link requirementOf}, and `now` is in milliseconds. A missing role is reported first, because then another authentication would not
 * help.
 */
export function refusalOf(
  principal: Principal,
  requirement: Requirement,
  now: number,
): RequirementRefusal | null {
  const { acr, authenticatedAt } = principal
  const { acr: level, maxAgeSeconds } = requirement
  if (!hasNames(principal, requirement)) return 'forbidden'
  const isStrong = level === undefined || acr === level
  // If one of the times is NaN, this condition is false.
  const isRecent = maxAgeSeconds === undefined || now - authenticatedAt <= maxAgeSeconds * 1000
  return isStrong && isRecent ? null : 'insufficient_user_authentication'
}

/**
 * Returns whether an API answers that the user must authenticate again (RFC 9470 section 3). The token is valid, so new tokens do not help.
 */
export function asksForConfirmation({ status, headers }: Pick<Response, 'status' | 'headers'>): boolean {
  return status === 401 && / error="?insufficient_user_auth/.test(headers.get('www-authenticate') ?? '')
}

/**
 * Returns the requirement from the arguments of a guard.
 *
 * @throws TypeError as {@link isAllowed}.
 */
export function requirementOf(asked: AskedRequirement): Requirement {
  const requirement: unknown = asked.length === 0 ? {} : asked[0]
  if (typeof requirement !== 'object' || requirement === null || Array.isArray(requirement))
    throw new TypeError(
      'The requirement is not an object. Pass { role } or { permission }, or nothing to admit every signed-in user.',
    )
  checkRequirement(requirement)
  return requirement
}

/** The roles and permissions of a requirement, whatever the definition is. */
export type RequiredNames = {
  /** The role, or a list of which the user needs one. */
  role?: string | readonly string[]
  /** The permission, or a list of which the user needs one. */
  permission?: string | readonly string[]
}

/** Returns whether a principal has the required role and permission. Does not check when and how the user authenticated. */
export function hasNames({ roles, permissions }: Principal, { role, permission }: RequiredNames): boolean {
  return hasOne(roles, role) && hasOne(permissions, permission)
}

function hasOne(held: readonly string[], asked: string | readonly string[] | undefined): boolean {
  if (asked === undefined) return true
  return typeof asked === 'string' ? held.includes(asked) : asked.some((name) => held.includes(name))
}

/**
 * Refuses a requirement that has no effect. For example, a misspelt name or an undefined role would allow every user.
 *
 * @throws TypeError if the requirement has no effect. The message says what is wrong.
 */
function checkRequirement(requirement: Requirement): void {
  for (const [name, asked] of Object.entries(requirement)) {
    if (name === 'role' || name === 'permission') requireNames(name, asked)
    else if (name === 'acr') requireLevel(asked)
    else if (name === 'maxAgeSeconds') requireAge(asked)
    else
      throw new TypeError(
        `A requirement has no "${name}". Pass { role }, { permission }, { acr } or { maxAgeSeconds }.`,
      )
  }
}

function requireNames(name: string, asked: unknown): void {
  const list: unknown = typeof asked === 'string' ? [asked] : asked
  const isMeant =
    Array.isArray(list) && list.length > 0 && list.every((entry) => typeof entry === 'string' && entry !== '')
  if (!isMeant)
    throw new TypeError(`The required ${name} is empty or undefined. Pass a name or a list of names.`)
}

function requireLevel(asked: unknown): void {
  if (asked !== 'aal2')
    throw new TypeError("The required acr must be 'aal2'. Every signed-in user has 'aal1' already.")
}

function requireAge(asked: unknown): void {
  if (!Number.isSafeInteger(asked) || (asked as number) < 1)
    throw new TypeError('The required maxAgeSeconds must be a positive whole number, such as 600.')
}
