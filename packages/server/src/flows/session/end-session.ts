import { type AuditEvent, recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { endSession, endSessionsOf } from '../../store/session.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { lastTokenGoneMs } from '../../tokens/key-schedule.ts'

/** The reasons why a session ends. The reason is stored with the session. */
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

/** The audit event that is recorded when one session ends, and further work in the same transaction. */
type OneEnding = Pick<AuditEvent, 'action' | 'actor' | 'result'> & {
  source: RequestSource | null
  alongside?: (transaction: Database) => Promise<void>
}

/** Ends a session in the store, then announces the end to every verifier. If the session has ended already, nothing changes. */
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
 * Ends all sessions of a user, then announces the end to every verifier. The session `except`, if given, stays open. Returns the number of
 * ended sessions. `change` runs first, in the same transaction. If it returns false, nothing changes and the result is null.
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
 * Returns until when verifiers must remember a revocation, in milliseconds. At that time, every access token that was issued before `now`
 * has expired. The time does not depend on this process's setting for the life of tokens, because the setting may have been longer before,
 * or may be longer in another process.
 */
export function revokedUntil(now: number): number {
  return now + lastTokenGoneMs
}
