import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { cannotWrite, isUnavailable } from '../../store/database.ts'
import { listSigningKeys, touchSigningKey } from '../../store/signing-key.ts'

/** Databases in which a write has failed and no write has succeeded since. Causes are a full disk or a read-only folder. */
const suspects = new WeakSet<Context['database']>()

/**
 * Checks that this process can issue tokens: the database must answer and contain a signing key. If a write has failed before, a write must
 * now succeed.
 *
 * @throws FlowError `unavailable` when the process cannot issue tokens.
 */
export async function requireReadiness({ database, metrics }: Context): Promise<void> {
  try {
    const [key] = await listSigningKeys(database)
    if (key === undefined)
      throw new FlowError('unavailable', { retryAfterSeconds: 1, reason: 'there is no key' })
    if (suspects.has(database)) await touchSigningKey(database, key.kid)
    suspects.delete(database)
  } catch (error) {
    if (error instanceof FlowError) throw error
    metrics.countDatabaseError()
    throw new FlowError('unavailable', { retryAfterSeconds: 1, reason: 'the store does not answer' })
  }
}

/** Turns the error of an unavailable database into a FlowError. Returns other errors unchanged. */
export function asRefusal(error: unknown, { database }: Pick<Context, 'database'>): unknown {
  if (!isUnavailable(error)) return error
  const reason = cannotWrite(error) ? 'the store cannot be written' : 'the store is busy'
  if (cannotWrite(error)) suspects.add(database)
  return new FlowError('unavailable', { retryAfterSeconds: 1, reason })
}
