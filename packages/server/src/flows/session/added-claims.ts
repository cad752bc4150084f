import { type JsonValue, reservedClaims } from '@sallyport/protocol'
import { askHook, hookUserOf } from '../../services/ask-hook.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { bytesOver, leavesPermissionsOut, tooLarge } from '../../services/token-size.ts'
import type { StoredUser } from '../../store/user.ts'

/**
 * The claims that the app's hook returned, and in `of` the state of the user that the hook received. If the user has changed since, the
 * hook is called again.
 */
export type AddedClaims = { of: string; claims: Readonly<Record<string, JsonValue>> }

/** The maximum size in bytes of all added claims as JSON. The size is limited because the token must fit into one cookie. */
export const maxClaimBytes = 1_024
const maxDepth = 5

/** Returns whether claims were made from the current state of the user. Without a hook, this is true for every user. */
export function areOf(added: AddedClaims | null, context: Context, user: StoredUser): added is AddedClaims {
  if (added === null) return false
  return added.of === '' || added.of === JSON.stringify(hookUserOf(context, user))
}

/**
 * Returns the claims that the app's hook adds to the user's access token. Call this before anything is written. Then, if a token cannot be
 * issued, no refresh token is used up and no session is stored.
 *
 * @throws FlowError `unavailable` when the hook fails, when it returns claims that are not allowed, or when the user's roles do not fit
 * into a token. The log names the cause.
 */
export async function addedClaims(
  context: Context,
  user: StoredUser,
  sessionId: string,
): Promise<AddedClaims> {
  requireIssuable(context, user)
  const { claims } = context.hooks
  if (claims === undefined) return { of: '', claims: {} }
  const hookUser = hookUserOf(context, user)
  const of = JSON.stringify(hookUser)
  const made = await askHook(
    context,
    'claims',
    (signal) => claims(hookUser, { sessionId, signal }),
    (answer) => requireFit(context, user, judgeClaims(answer)),
  )
  return { of, claims: made }
}

/**
 * Throws if the user's roles do not fit into a token. If the roles fit and their permissions do not, only logs this. Such roles were stored
 * by an earlier version or under other settings, because new roles are checked when they are set.
 */
function requireIssuable(context: Context, user: StoredUser): void {
  const isIssued = bytesOver(context, user) === 0
  if (isIssued && !leavesPermissionsOut(context, user)) return
  const why = tooLarge(context, user.roles) ?? ''
  context.onLargeToken({ roles: user.roles, why, leftOut: isIssued ? 'permissions' : null })
  if (!isIssued) throw new FlowError('unavailable', { reason: 'the roles do not fit into an access token' })
}

/** Checks that the added claims fit into the token, next to the issuer, audiences, roles and permissions. */
function requireFit<T extends Readonly<Record<string, JsonValue>>>(
  context: Context,
  user: StoredUser,
  claims: T,
): T {
  const over = bytesOver(context, user, claims)
  if (over === 0) return claims
  throw new TypeError(
    `Together with the issuer, audiences, roles and permissions, the added claims make the access token ${over} bytes too long for a cookie.`,
  )
}

/**
 * Checks the claims that the hook returned, and returns a copy of them.
 *
 * @throws TypeError when a claim is not allowed. The message contains the name of the claim, but never its value.
 */
export function judgeClaims(answer: unknown): Record<string, JsonValue> {
  if (!isPlain(answer)) throw new TypeError('The hook claims must return an object of claims.')
  const claims = Object.fromEntries(
    Object.entries(answer).flatMap(([name, value]) => {
      if (value === undefined) return []
      requireName(name)
      return [[name, copyOf(value, name, 0)]]
    }),
  )
  const bytes = Buffer.byteLength(JSON.stringify(claims))
  if (bytes > maxClaimBytes)
    throw new TypeError(
      `The added claims have ${bytes} bytes, and the maximum is ${maxClaimBytes}. Add only an id, and look up the rest in your API.`,
    )
  return claims
}

function requireName(name: string): void {
  if (reservedClaims.has(name))
    throw new TypeError(`The claim ${name} has a reserved name and cannot be added. Use another name.`)
  if (!/^[A-Za-z][\w.:/-]{0,127}$/.test(name) || name in Object.prototype)
    throw new TypeError(
      'The name of a claim must begin with a letter, and have at most 128 letters, digits and any of _ . : / -',
    )
}

/** Returns a copy of a JSON value. Refuses a value that JSON would leave out or change without an error. */
function copyOf(value: unknown, claim: string, depth: number): JsonValue {
  const refuse = (what: string): never => {
    throw new TypeError(`The claim ${claim} ${what}.`)
  }
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string')
    return value.isWellFormed() ? value : refuse('contains an unpaired surrogate')
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : refuse('contains a number that JSON cannot represent')
  if (depth === maxDepth) return refuse(`is nested more than ${maxDepth} levels deep`)
  if (Array.isArray(value)) return Array.from(value, (entry: unknown) => copyOf(entry, claim, depth + 1))
  if (!isPlain(value))
    return refuse('is not JSON. Use text, numbers, true, false, null, lists and plain objects')
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.some(([name]) => name === '__proto__')) return refuse('contains a member named __proto__')
  if (members.some(([name]) => !name.isWellFormed()))
    return refuse('contains a name with an unpaired surrogate')
  return Object.fromEntries(members.map(([name, member]) => [name, copyOf(member, claim, depth + 1)]))
}

/** Returns whether this is a plain object and not an instance of a class, such as a promise, a date or a map. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
