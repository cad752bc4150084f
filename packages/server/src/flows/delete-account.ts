import type { User } from '@sallyport/protocol'
import { listAuditEvents } from '../store/audit-event.ts'
import { dropOneTimeTokensOf } from '../store/one-time-token.ts'
import { deleteDueUsers, setDeletion } from '../store/user.ts'
import { askedBy } from './asked-by.ts'
import type { Authenticated } from './authenticate.ts'
import type { Caller, Context } from './context.ts'
import { endAllAndAnnounce } from './end-session.ts'
import { nameInMail } from './name-in-mail.ts'
import { requireFreshProof, requirePassword } from './reauthenticate.ts'
import { liveSessionsOf } from './sessions.ts'
import { toUser } from './to-user.ts'
import { record } from './trail.ts'

/** Milliseconds before an account is really deleted; signing in before then keeps it. */
export const graceMs = 14 * 86_400_000

/** Marks an account for deletion, after the password, and ends all of its sessions. Returns when it will be gone. */
export async function askForDeletion(
  context: Context,
  { user, session }: Authenticated,
  password: string,
  caller: Caller,
): Promise<number> {
  await requirePassword(context, user.id, password, caller)
  const deleteAt = context.clock() + graceMs
  await endAllAndAnnounce(context, user.id, { reason: 'deletion' }, async (transaction) => {
    await setDeletion(transaction, user.id, deleteAt)
    await dropOneTimeTokensOf(transaction, user.id)
    await context.mailer.queue(transaction, user.email, 'account_deletion', {
      ...askedBy(context, caller),
      name: nameInMail(user),
      deleteAt,
    })
    await record(context, transaction, caller, {
      action: 'account_deletion_asked',
      userId: user.id,
      sessionId: session.id,
    })
    return true
  })
  context.mailer.wake()
  return deleteAt
}

/** Deletes the accounts whose time has come. What the trail says of them stays until the end of its retention, under an id alone. */
export async function deleteDueAccounts(context: Context): Promise<void> {
  for (;;) {
    const gone = await context.database.transaction().execute(async (transaction) => {
      const ids = await deleteDueUsers(transaction, context.clock())
      for (const userId of ids)
        await record(context, transaction, null, { action: 'account_deleted', userId, actor: 'nobody' })
      return ids
    })
    if (gone.length === 0) return
  }
}

export type OwnData = {
  user: User
  sessions: {
    id: string
    createdAt: number
    lastUsedAt: number
    address: string | null
    userAgent: string | null
  }[]
  activity: { at: number; action: string; result: string; address: string | null; userAgent: string | null }[]
}

/**
 * Everything that is stored about whoever asks, but secrets.
 *
 * @throws FlowError `reauthentication_required`.
 */
export async function downloadData(
  context: Context,
  authenticated: Authenticated,
  caller: Caller,
): Promise<OwnData> {
  requireFreshProof(context, authenticated)
  const { user, session } = authenticated
  const { userFields } = context.config
  const sessions = await liveSessionsOf(context, user.id)
  const events = await listAuditEvents(context.database, { userId: user.id, limit: 10_000 })
  await record(context, context.database, caller, {
    action: 'data_download',
    userId: user.id,
    sessionId: session.id,
  })
  return {
    // Hidden fields too: hidden from the pages is not hidden from the person (GDPR article 15).
    user: {
      ...toUser(context.config, user),
      ...(!userFields.isEmpty && { fields: userFields.known(user.fields) }),
    },
    sessions: sessions.map(({ id, createdAt, lastUsedAt, address, userAgent }) => {
      return { id, createdAt, lastUsedAt, address, userAgent }
    }),
    activity: events.map(({ at, action, result, address, userAgent }) => ({
      at,
      action,
      result,
      address,
      userAgent,
    })),
  }
}
