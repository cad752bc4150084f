import { type JsonValue, reservedClaims } from '@sallyport/protocol'
import type { StoredUser } from '../store/user.ts'
import { askHook, hookUserOf } from './ask-hook.ts'
import type { Context } from './context.ts'
import { permissionsOf } from './permissions.ts'

/** Claims of the product's own, and of what they were made: of a user who has changed since, they are made again. */
export type AddedClaims = { of: string; claims: Readonly<Record<string, JsonValue>> }

/** Most bytes of all of them together, as JSON: the token sits in one cookie, and that has 4,096. */
const mostBytes = 1_024
/** With all else whose length is not ours to say: in base64, with our own claims and the signature, that is under 4,000 characters. */
const mostBytesInAll = 2_450
const mostDepth = 5

/** Whether claims were made of the user as they are. Without a hook, none are always right. */
export function areOf(added: AddedClaims | null, context: Context, user: StoredUser): added is AddedClaims {
  if (added === null) return false
  return added.of === '' || added.of === JSON.stringify(hookUserOf(context, user))
}

/**
 * What the product's hook adds to the access token of somebody.
 *
 * @throws FlowError `unavailable` when the hook fails, or answers what no token of ours may say.
 */
export async function addedClaims(
  context: Context,
  user: StoredUser,
  sessionId: string,
): Promise<AddedClaims> {
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

/** Where the audiences are many, or somebody's roles and permissions, less room is left. */
function requireFit<T>(context: Context, user: StoredUser, claims: T): T {
  const { issuer, audience } = context.config
  const all = [issuer, audience, user.roles, permissionsOf(context, user), claims]
  const bytes = Buffer.byteLength(JSON.stringify(all))
  if (bytes <= mostBytesInAll) return claims
  throw new TypeError(
    `Issuer, audiences, roles, permissions and added claims are ${bytes} bytes together, and ${mostBytesInAll} fit into a cookie.`,
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
  if (bytes > mostBytes)
    throw new TypeError(
      `The added claims are ${bytes} bytes, and ${mostBytes} fit. Add an id, and look the rest up.`,
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
  if (depth === mostDepth) return refuse(`is nested more than ${mostDepth} deep`)
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
