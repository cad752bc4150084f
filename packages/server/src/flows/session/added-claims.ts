import { type JsonValue, reservedClaims } from '@sallyport/protocol'
import { askHook, hookUserOf } from '../../services/ask-hook.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { permissionsOf } from '../../services/permissions.ts'
import { bytesOver, permissionsInToken, tooLarge } from '../../services/token-size.ts'
import type { StoredUser } from '../../store/user.ts'

/** Claims of the product's own, and of what they were made: of a user who has changed since, they are made again. */
export type AddedClaims = { of: string; claims: Readonly<Record<string, JsonValue>> }

/** Most bytes of all of them together, as JSON: the token sits in one cookie. */
export const maxClaimBytes = 1_024
const maxDepth = 5

/** Whether claims were made of the user as they are. Without a hook, none are always right. */
export function areOf(added: AddedClaims | null, context: Context, user: StoredUser): added is AddedClaims {
  if (added === null) return false
  return added.of === '' || added.of === JSON.stringify(hookUserOf(context, user))
}

/**
 * What the product's hook adds to the access token of somebody; before anything is written, so that a token that cannot be issued costs
 * no session and no refresh token.
 *
 * @throws FlowError `unavailable` when the hook fails, or answers what no token of ours may say, and when the roles of the user do not fit
 * into a token; the log says which.
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

/** Roles are checked where they are set. Those that were stored before, or under other settings, are found here. */
function requireIssuable(context: Context, user: StoredUser): void {
  const isIssued = bytesOver(context, user) === 0
  if (isIssued && permissionsInToken(context, user).length === permissionsOf(context, user).length) return
  const why = tooLarge(context, user.roles) ?? ''
  context.onLargeToken({ roles: user.roles, why, leftOut: isIssued ? 'permissions' : null })
  if (!isIssued) throw new FlowError('unavailable', { reason: 'the roles do not fit into an access token' })
}

/** Where the audiences are many, or somebody's roles and permissions, less room is left. */
function requireFit<T extends Readonly<Record<string, JsonValue>>>(
  context: Context,
  user: StoredUser,
  claims: T,
): T {
  const over = bytesOver(context, user, claims)
  if (over === 0) return claims
  throw new TypeError(
    `With issuer, audiences, roles and permissions, the added claims make the access token ${over} bytes longer than fits into a cookie.`,
  )
}

/** @throws TypeError that says which claim cannot be, never what it holds. */
export function judgeClaims(answer: unknown): Record<string, JsonValue> {
  if (!isPlain(answer)) throw new TypeError('The hook claims returns an object of claims.')
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
      `The added claims are ${bytes} bytes, and ${maxClaimBytes} fit. Add an id, and look the rest up.`,
    )
  return claims
}

function requireName(name: string): void {
  if (reservedClaims.has(name))
    throw new TypeError(
      `The claim ${name} has a meaning of its own and cannot be added. Name yours otherwise.`,
    )
  if (!/^[A-Za-z][\w.:/-]{0,127}$/.test(name) || name in Object.prototype)
    throw new TypeError(
      'A claim’s name begins with a letter and has at most 128 letters, digits and any of _ . : / -',
    )
}

/** A copy in JSON's own terms; what JSON would drop or change in silence is refused. */
function copyOf(value: unknown, claim: string, depth: number): JsonValue {
  const refuse = (what: string): never => {
    throw new TypeError(`The claim ${claim} ${what}.`)
  }
  if (value === null || typeof value === 'boolean') return value
  if (typeof value === 'string') return value.isWellFormed() ? value : refuse('holds half a character')
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : refuse('holds a number that JSON does not have')
  if (depth === maxDepth) return refuse(`is nested more than ${maxDepth} deep`)
  if (Array.isArray(value)) return Array.from(value, (entry: unknown) => copyOf(entry, claim, depth + 1))
  if (!isPlain(value)) return refuse('is not JSON: text, numbers, true, false, null, lists and plain objects')
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  if (members.some(([name]) => name === '__proto__')) return refuse('holds a member named __proto__')
  if (members.some(([name]) => !name.isWellFormed())) return refuse('holds half a character in a name')
  return Object.fromEntries(members.map(([name, member]) => [name, copyOf(member, claim, depth + 1)]))
}

/** An object of members, and nothing that has a class of its own: a promise, a date, a map. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
