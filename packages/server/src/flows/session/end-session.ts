import { type AuditEvent, recordAuditEvent } from '../../services/audit-log.ts'
import type { Caller, Context } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { endSession, endSessionsOf } from '../../store/session.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { lastTokenGoneMs } from '../../tokens/key-schedule.ts'

/** Why a session ended; stored with it. */
export const endReasons = [
  'sign_out',
  'reuse',
  'revoked',
  'password_change',
  'operator',
  'disabled',
  'deletion',
  'restored',
] as const
export type EndReason = (typeof endReasons)[number]

/** What the trail says of the end of one session, and what belongs to it. */
type OneEnding = Pick<AuditEvent, 'action' | 'actor' | 'result'> & {
  caller: Caller | null
  alongside?: (transaction: Database) => Promise<void>
}

/** Ends a session in the store, then tells every verifier. Ending it again changes nothing. */
export async function endAndAnnounce(
  context: Context,
  sessionId: string,
  reason: EndReason,
  { action, actor, result, caller, alongside }: OneEnding,
): Promise<boolean> {
  const now = context.clock()
  const end = { reason, now, until: revokedUntil(now) }
  const noted = async (transaction: Database, userId: string) => {
    await recordAuditEvent(context, transaction, caller, {
      action,
      userId,
      sessionId,
      ...(actor && { actor }),
      ...(result && { result }),
    })
    await alongside?.(transaction)
  }
  const isEnded = await inEndSpan(reason, () => endSession(context.database, sessionId, end, noted))
  if (isEnded) context.metrics.countEnded(reason, 1)
  await context.revocations.announce()
  return isEnded
}

/**
 * Ends all sessions of a user, but maybe one, then tells every verifier; how many that were. `change` is what ends them: it belongs
 * to the same transaction, and its `false` calls everything off (then the answer is null).
 */
export async function endAllAndAnnounce(
  context: Context,
  userId: string,
  { reason, except }: { reason: EndReason; except?: string | undefined },
  change: (transaction: Database, now: number) => Promise<boolean>,
): Promise<number | null> {
  const now = context.clock()
  const count = await inEndSpan(reason, () =>
    inTransaction(context.database, async (transaction) => {
      if (!(await change(transaction, now))) return null
      return endSessionsOf(transaction, userId, { reason, now, until: revokedUntil(now), except })
    }),
  )
  if (count !== null) context.metrics.countEnded(reason, count)
  await context.revocations.announce()
  return count
}

function inEndSpan<T>(reason: EndReason, work: () => Promise<T>): Promise<T> {
  return inSpan('sallyport.end_sessions', (span) => {
    span.setAttribute('sallyport.end_reason', reason)
    return work()
  })
}

/**
 * Until when verifiers must remember a revocation: no access token that was issued before `now` lives longer. The setting of this process
 * is not asked: it may have been longer before, and may be longer in another process. Milliseconds.
 */
export function revokedUntil(now: number): number {
  return now + lastTokenGoneMs
}
