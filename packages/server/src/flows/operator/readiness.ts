import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { cannotWrite, isUnavailable } from '../../store/database.ts'
import { listSigningKeys, touchSigningKey } from '../../store/signing-key.ts'

/**
 * Databases in which a write has failed, for example because the disk is full or the folder is read-only. When a test write of
 * {@link requireReadiness} succeeds, the database is removed from this set again.
 */
const suspects = new WeakSet<Context['database']>()

/**
 * Checks that this process can issue tokens. The database must answer and contain a signing key. If a write has failed before, this
 * function also makes a test write.
 *
 * @throws FlowError `unavailable` when the process cannot issue tokens.
 */
export async function requireReadiness({ database, metrics }: Context): Promise<void> {
  let reason = 'the database does not answer'
  try {
    const [key] = await listSigningKeys(database)
    if (key === undefined)
      throw new FlowError('unavailable', { retryAfterSeconds: 1, reason: 'there is no key' })
    if (suspects.has(database)) {
      reason = 'the database cannot be written'
      await touchSigningKey(database, key.kid)
    }
    suspects.delete(database)
  } catch (error) {
    if (error instanceof FlowError) throw error
    metrics.countDatabaseError()
    throw new FlowError('unavailable', { retryAfterSeconds: 1, reason })
  }
}

/** Converts the error of an unavailable database to a FlowError. Returns other errors unchanged. */
export function asRefusal(error: unknown, { database }: Pick<Context, 'database'>): unknown {
  if (!isUnavailable(error)) return error
  const reason = cannotWrite(error) ? 'the database cannot be written' : 'the database is busy'
  if (cannotWrite(error)) suspects.add(database)
  return new FlowError('unavailable', { retryAfterSeconds: 1, reason })
}
