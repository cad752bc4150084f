import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { cannotWrite, isUnavailable } from '../../store/database.ts'
import { listSigningKeys, touchSigningKey } from '../../store/signing-key.ts'

/** The stores in which a write has failed, and none has succeeded since: a full disk, a folder that became read-only. */
const suspects = new WeakSet<Context['database']>()

/**
 * @throws FlowError `unavailable` unless the store answers and holds a key: then this process can issue tokens. Where a write has
 * failed, one is tried first.
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

/** What the store throws when it cannot be used right now, as the refusal that it is; anything else as it was. */
export function asRefusal(error: unknown, { database }: Pick<Context, 'database'>): unknown {
  if (!isUnavailable(error)) return error
  const reason = cannotWrite(error) ? 'the store cannot be written' : 'the store is busy'
  if (cannotWrite(error)) suspects.add(database)
  return new FlowError('unavailable', { retryAfterSeconds: 1, reason })
}
