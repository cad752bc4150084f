import { type AuditEvent, recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { endSession, endSessionsOf } from '../../store/session.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { lastTokenGoneMs } from '../../tokens/key-schedule.ts'

/** Why a session ended. Stored with the session. */
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

/** The audit event of the end of one session, and further work in its transaction. */
type OneEnding = Pick<AuditEvent, 'action' | 'actor' | 'result'> & {
  source: RequestSource | null
  alongside?: (transaction: Database) => Promise<void>
}

/** Ends a session in the store, then announces it to every verifier. Ending it again changes nothing. */
export async function endAndAnnounce(
  context: Context,
  sessionId: string,
  reason: EndReason,
  { action, actor, result, source, alongside }: OneEnding,
): Promise<boolean> {
  const now = context.clock()
  const end = { reason, now, until: revokedUntil(now) }
  const noted = async (transaction: Database, userId: string) => {
    await recordAuditEvent(context, transaction, source, {
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
 * Ends all sessions of a user, except one if given, then announces it to every verifier. Returns their number. `change` runs first, in the
 * same transaction; if it returns false, nothing changes and the result is null.
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
 * Returns until when verifiers must keep a revocation: every access token issued before `now` has expired then. Milliseconds. Does not use
 * the setting of this process, because it may have been longer before, or be longer in another process.
 */
export function revokedUntil(now: number): number {
  return now + lastTokenGoneMs
}
