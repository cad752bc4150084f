import type { ProfileUpdate, User } from '@sallyport/protocol'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { toUser } from '../../services/to-user.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { changeProfile } from '../../store/profile.ts'
import type { Authenticated } from '../session/authenticate.ts'

/**
 * Changes the name and the user fields of the user.
 *
 * @throws FlowError `too_many_requests`, `session_ended`.
 */
export async function updateProfile(
  context: Context,
  { user, session }: Authenticated,
  changes: ProfileUpdate,
  source: RequestSource,
): Promise<User> {
  const changed = await inTransaction(context.database, async (transaction) => {
    await consumeUserQuota(context, 'profile_change', user.id, source, transaction)
    await recordAuditEvent(context, transaction, source, {
      action: 'profile_change',
      userId: user.id,
      sessionId: session.id,
    })
    return changeProfile(transaction, user.id, changes, context.clock())
  })
  // The user was deleted between two statements of this request.
  if (changed === null) throw new FlowError('session_ended', { reason: 'the user is gone' })
  return toUser(context.config, changed)
}
