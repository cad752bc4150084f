import { freshProofMs } from '@sallyport/protocol/endpoints'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import { beginPasswordCheck } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { setAuthenticatedAt } from '../../store/session.ts'
import { findPasswordHash } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { verifyPassword } from './password.ts'

/** Checks the password again before a sensitive action. For ten minutes, the session then counts as freshly authenticated. */
export async function reauthenticate(
  context: Context,
  { user, session }: Authenticated,
  password: string,
  source: RequestSource,
): Promise<void> {
  await requirePassword(context, user.id, password, source)
  await inTransaction(context.database, async (transaction) => {
    await setAuthenticatedAt(transaction, session.id, context.clock())
    await recordAuditEvent(context, transaction, source, {
      action: 'reauthentication',
      userId: user.id,
      sessionId: session.id,
    })
  })
}

/**
 * Checks that the password was entered in the last ten minutes. If the clock was set back, the time of the last check can be in the future.
 * A time that is more than ten minutes in the future is refused too, because the age of the check is then unknown.
 *
 * @throws FlowError `insufficient_user_authentication`.
 */
export function requireFreshProof({ clock }: Pick<Context, 'clock'>, { session }: Authenticated): void {
  if (Math.abs(clock() - session.authenticatedAt) > freshProofMs)
    throw new FlowError('insufficient_user_authentication', {
      details: { maxAgeSeconds: freshProofMs / 1000 },
    })
}

/**
 * Checks the password of a signed-in user.
 *
 * @throws FlowError `invalid_request` when this is not the password of the user; `too_many_requests`.
 */
export async function requirePassword(
  context: Context,
  userId: string,
  password: string,
  source: RequestSource,
): Promise<void> {
  if ((await checkPassword(context, userId, password, source)) !== null) return
  const errors = [{ field: 'password', message: 'This is not your password.' }]
  throw new FlowError('invalid_request', { reason: 'wrong password', details: { errors } })
}

/**
 * Returns the stored hash if this is the password of the user, otherwise null. The checks are throttled like sign-ins, so that a thief who
 * has a session cannot guess the password.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function checkPassword(
  context: Context,
  userId: string,
  password: string,
  source: RequestSource,
): Promise<string | null> {
  const { database } = context
  const attempt = await beginPasswordCheck(context, userId, source)
  try {
    const hash = await findPasswordHash(database, userId)
    const isRight = await verifyPassword(context, password, hash, source.signal)
    if (isRight) await attempt.reset(database)
    return isRight ? hash : null
  } catch (error) {
    if (!isRefusal(error)) await attempt.refund().catch(() => {})
    throw error
  }
}
