import { GateFullError } from '../credentials/hash-gate.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'

export function hashPassword(
  { passwords }: Context,
  password: string,
  signal: Caller['signal'],
): Promise<string> {
  return passwords.hash(password, signal).catch((error: unknown) => refuse(error, signal))
}

export function verifyPassword(
  { passwords }: Context,
  password: string,
  stored: string | null,
  signal: Caller['signal'],
): Promise<boolean> {
  return passwords.verify(password, stored, signal).catch((error: unknown) => refuse(error, signal))
}

/** The hash that a password deserves today; null if the stored one is good enough, or if there is no time for it now. */
export async function betterHash(
  { passwords }: Context,
  password: string,
  stored: string,
): Promise<string | null> {
  if (!passwords.needsRehash(stored)) return null
  return passwords.hash(password).catch((error: unknown) => {
    // The password was right: being busy is no reason to refuse somebody. The next sign-in comes by here again.
    if (error instanceof GateFullError) return null
    throw error
  })
}

function refuse(error: unknown, signal: Caller['signal']): never {
  if (error instanceof GateFullError)
    throw new FlowError('server_busy', { retryAfterSeconds: error.retryAfterSeconds })
  // Nobody reads this answer.
  if (signal?.aborted) throw new FlowError('server_busy', { reason: 'the caller has gone' })
  throw error
}
