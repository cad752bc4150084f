import { commonPasswords } from '../../credentials/common-passwords.ts'
import { QueueFullError } from '../../credentials/hash-queue.ts'
import { type Weakness, weaknessOf } from '../../credentials/password-policy.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { inSpan } from '../../telemetry/traces.ts'

/**
 * Refuses a request if the queue of password hashes is full. This happens before the database is queried, so that a flood of requests costs
 * little.
 *
 * @throws FlowError `server_busy`.
 */
export function requireCapacity({ passwords }: Pick<Context, 'passwords'>): void {
  try {
    passwords.requireCapacity()
  } catch (error) {
    refuse(error, null)
  }
}

function hashPassword(
  { passwords }: Context,
  password: string,
  signal: RequestSource['signal'],
): Promise<string> {
  return inSpan('sallyport.hash_password', () => passwords.hash(password, signal)).catch((error: unknown) =>
    refuse(error, signal),
  )
}

export function verifyPassword(
  { passwords }: Context,
  password: string,
  stored: string | null,
  signal: RequestSource['signal'],
): Promise<boolean> {
  return inSpan('sallyport.verify_password', () => passwords.verify(password, stored, signal)).catch(
    (error: unknown) => refuse(error, signal),
  )
}

/**
 * Returns a hash of the password with the current parameters. Returns null if the stored hash has these parameters already, or if the queue
 * is full now.
 */
export async function betterHash(
  { passwords }: Context,
  password: string,
  stored: string,
): Promise<string | null> {
  if (!passwords.needsRehash(stored)) return null
  return passwords.hash(password).catch((error: unknown) => {
    // The password was right, so a full queue must not refuse the sign-in. The next sign-in tries to replace the hash again.
    if (error instanceof QueueFullError) return null
    throw error
  })
}

declare const meetsPolicy: unique symbol

/**
 * A new password that the password policy accepts. Only {@link requireAcceptablePassword} makes one. `field` is the form field in which the
 * user entered the password.
 */
export type AcceptablePassword = Readonly<{ text: string; field: string; [meetsPolicy]: true }>

/**
 * Checks a new password against the password policy. Does not call the breach service.
 *
 * @throws FlowError `invalid_request`. The error of the field says what is wrong and how to fix it.
 */
export async function requireAcceptablePassword(
  { config }: Context,
  password: string,
  { email, name, field = 'password' }: { email: string; name: string; field?: string },
): Promise<AcceptablePassword> {
  const minLength = config.minimumPasswordLength
  const common = await commonPasswords(minLength)
  const [local = '', domain = ''] = email.split('@')
  const known = [config.productName, name, local, domain, domain.split('.').slice(0, -1).join('.')]
  const weakness = weaknessOf(password, { minLength, known, common })
  if (weakness !== null) throw unfit(field, weakness, adviceFor(weakness, minLength))
  return { text: password, field } as AcceptablePassword
}

/**
 * Hashes a new password. If a breach service is configured, that service is asked first.
 *
 * @throws FlowError `invalid_request` when the password was breached; `unavailable` when the breach service fails and `breachFailure` is
 * `closed`.
 */
export async function hashNewPassword(
  context: Context,
  { text, field }: AcceptablePassword,
  signal: RequestSource['signal'],
): Promise<string> {
  const isBreached = await askBreachService(context, text, signal)
  if (isBreached) throw unfit(field, 'breached', breachedAdvice)
  if (isBreached === null && context.config.breachFailure === 'closed')
    throw new FlowError('unavailable', { retryAfterSeconds: 5, reason: 'the breach service did not answer' })
  return hashPassword(context, text, signal)
}

/**
 * Asks the breach service (ASVS 6.2.12). Counts the result, so that operators notice an outage. Returns null if the service does not
 * answer.
 */
async function askBreachService(
  { breached, metrics }: Context,
  password: string,
  signal: RequestSource['signal'],
): Promise<boolean | null> {
  if (breached === null) return false
  const isBreached = await breached(password, signal)
  if (signal?.aborted) throw new FlowError('server_busy', { reason: 'the client has disconnected' })
  metrics.countBreachQuery(isBreached === null ? 'failed' : isBreached ? 'known' : 'unknown')
  return isBreached
}

const breachedAdvice = 'This password is known from a breach. Choose one that you use nowhere else.'

function adviceFor(weakness: Weakness, minLength: number): string {
  const advice = {
    short: `Use at least ${minLength} characters; a few words are good.`,
    common:
      'Many people use this password, and attackers try it first. Join a few words that do not belong together.',
    pattern: 'Patterns and repetitions are easy to guess. Join a few words that do not belong together.',
    context: 'This is too close to your name, your address or ours. Add some words that nobody would expect.',
  }
  return advice[weakness]
}

function unfit(field: string, weakness: string, message: string): FlowError {
  const details = { errors: [{ field, message }] }
  return new FlowError('invalid_request', { reason: `the password is ${weakness}`, details })
}

function refuse(error: unknown, signal: RequestSource['signal']): never {
  if (error instanceof QueueFullError)
    throw new FlowError('server_busy', { retryAfterSeconds: error.retryAfterSeconds })
  // The client has disconnected and will not read this response.
  if (signal?.aborted) throw new FlowError('server_busy', { reason: 'the client has disconnected' })
  throw error
}
