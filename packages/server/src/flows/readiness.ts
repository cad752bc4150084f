import { isUnavailable } from '../store/database.ts'
import { listSigningKeys } from '../store/signing-key.ts'
import type { Context } from './context.ts'
import { FlowError } from './flow-error.ts'

/** @throws FlowError `unavailable` unless the store answers and holds a key: then this process can issue tokens. */
export async function requireReadiness({ database, metrics }: Context): Promise<void> {
  const keys = await listSigningKeys(database).catch(() => {
    metrics.countDatabaseError()
    return []
  })
  if (keys.length === 0)
    throw new FlowError('unavailable', { retryAfterSeconds: 1, reason: 'the store does not answer' })
}

/** What the store throws when it cannot be used right now, as the refusal that it is; anything else as it was. */
export function asRefusal(error: unknown): unknown {
  return isUnavailable(error)
    ? new FlowError('unavailable', { retryAfterSeconds: 1, reason: 'the store is busy' })
    : error
}
