import { askedBy } from '../../services/asked-by.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { forgetLateOrigins, forgetOrigins } from '../../store/audit-event.ts'
import { dropMailTo } from '../../store/mail.ts'
import { isOnlyOwner } from '../../store/membership.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import { listProviderTokensOf } from '../../store/provider-token.ts'
import { deleteDueUsers, findDueUsers, setDeletion } from '../../store/user-deletion.ts'
import { firstIdAt } from '../../tokens/id.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { endAllAndAnnounce } from '../session/end-session.ts'
import { requireOwner } from '../sign-in/reauthenticate.ts'
import { revokeProviderTokens } from './revoke-provider-tokens.ts'

/** Milliseconds between the request and the deletion of an account. If the user signs in during this time, the account is not deleted. */
export const deletionDelayMs = 14 * 86_400_000

/**
 * Marks the account for deletion and ends all its sessions. Returns when the account will be deleted. A user without a password sends none.
 *
 * @throws FlowError as {@link requireOwner}; `last_owner` when an organization has no other owner.
 */
export async function askForDeletion(
  context: Context,
  authenticated: Authenticated,
  password: string | undefined,
  source: RequestSource,
): Promise<number> {
  const { user, session } = authenticated
  await requireOwner(context, authenticated, password, source)
  const deleteAt = context.clock() + deletionDelayMs
  await endAllAndAnnounce(context, user.id, { reason: 'deletion' }, async (transaction) => {
    if (await isOnlyOwner(transaction, user.id)) throw new FlowError('last_owner')
    await setDeletion(transaction, user.id, deleteAt)
    await dropOneTimeTokensOf(transaction, user.id)
    await context.mailer.queue(transaction, user.email, 'account_deletion', {
      ...askedBy(context, source),
      name: nameInMail(user),
      deleteAt,
    })
    await recordAuditEvent(context, transaction, source, {
      action: 'account_deletion_asked',
      userId: user.id,
      sessionId: session.id,
    })
    return true
  })
  context.mailer.wake()
  return deleteAt
}

/** Milliseconds within which every request ends. After this time, no request can still record an audit event of a deleted account. */
const lateMs = 10 * 60_000

/**
 * Deletes the accounts that are due for deletion, and the mails to them. Revokes their tokens at providers. The audit events of these
 * accounts are kept for the usual time (`auditRetentionDays`), but without the network address, the user agent and the request id.
 */
export async function deleteDueAccounts(context: Context): Promise<void> {
  const { database, clock } = context
  for (;;) {
    const due = await findDueUsers(database, clock())
    if (due.length === 0) break
    // The tokens are deleted with their users.
    const tokens = await listProviderTokensOf(database, due)
    const gone = await database.transaction().execute(async (transaction) => {
      const users = await deleteDueUsers(transaction, due, clock())
      for (const { id: userId } of users) {
        await forgetOrigins(transaction, userId)
        await recordAuditEvent(context, transaction, null, {
          action: 'account_deleted',
          userId,
          actor: 'nobody',
        })
      }
      await dropMailTo(
        transaction,
        users.map(({ email }) => email),
      )
      return new Set(users.map(({ id }) => id))
    })
    if (gone.size === 0) break
    revokeProviderTokens(
      context,
      tokens.filter(({ userId }) => gone.has(userId)),
    )
  }
  await forgetLateOrigins(database, firstIdAt(clock() - lateMs))
}
