import { GateFullError } from '../credentials/hash-gate.ts'
import { inSpan } from '../telemetry/traces.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'

export function hashPassword(
  { passwords }: Context,
  password: string,
  signal: Caller['signal'],
): Promise<string> {
  return inSpan('sallyport.hash_password', () => passwords.hash(password, signal)).catch((error: unknown) =>
    refuse(error, signal),
  )
}

export function verifyPassword(
  { passwords }: Context,
  password: string,
  stored: string | null,
  signal: Caller['signal'],
): Promise<boolean> {
  return inSpan('sallyport.verify_password', () => passwords.verify(password, stored, signal)).catch(
    (error: unknown) => refuse(error, signal),
  )
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

/** One code point is one character (NIST 800-63B-4 section 3.1.1.2). */
export function requireLength(password: string, least: number, field = 'password'): void {
  if ([...password.normalize('NFC')].length >= least) return
  const errors = [{ field, message: `Use at least ${least} characters; a few words are good.` }]
  throw new FlowError('invalid_request', { details: { errors } })
}

function refuse(error: unknown, signal: Caller['signal']): never {
  if (error instanceof GateFullError)
    throw new FlowError('server_busy', { retryAfterSeconds: error.retryAfterSeconds })
  // Nobody reads this answer.
  if (signal?.aborted) throw new FlowError('server_busy', { reason: 'the caller has gone' })
  throw error
}
