import type { Factor } from '@sallyport/protocol/endpoints'
import { byOperator } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { removeTotp } from '../../store/totp.ts'
import { findUserById, lockUser } from '../../store/user.ts'
import { dropAfterRemoval, factorsOf } from '../second-factor/stored-factors.ts'
import { endAllAndAnnounce } from '../session/end-session.ts'

/** The maximum number of characters of the reason for which an operator removes a factor. */
const maxReason = 500

/** What an operator has removed. */
export type RemovedFactors = { removed: number; left: number; sessions: number }

/** Returns the second factors of a user. */
export function listFactors({ database }: Context, userId: string): Promise<Factor[]> {
  return factorsOf(database, userId)
}

/**
 * Removes one second factor of a user, or all, for example after the user has lost their phone. Ends all sessions of the user, and asks for
 * a factor in every browser again. `because` says how the user has proved who they are; the audit log has it. The user gets a mail.
 *
 * @throws FlowError `not_found` when there is no such user or factor; `invalid_request` when no reason is given.
 */
export async function removeFactors(
  context: Context,
  userId: string,
  { id, because }: { id?: string | undefined; because: string },
): Promise<RemovedFactors> {
  const reason = because.trim()
  if (reason === '' || reason.length > maxReason || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(reason)) {
    const message = `Say in one line, of at most ${maxReason} characters, how the user has proved who they are.`
    throw new FlowError('invalid_request', { details: { errors: [{ field: 'because', message }] } })
  }
  let result = { removed: 0, left: 0 }
  const sessions = await endAllAndAnnounce(
    context,
    userId,
    { reason: 'operator' },
    async (transaction, now) => {
      await lockUser(transaction, userId)
      const user = await findUserById(transaction, userId)
      const removed = user === null ? 0 : await removeTotp(transaction, userId, id)
      if (user === null || removed === 0) return false
      const left = await dropAfterRemoval(transaction, userId)
      await byOperator(context, transaction, 'second_factor_removed', userId, {
        kind: 'totp',
        removed,
        because: reason,
      })
      await context.mailer.queue(transaction, user.email, 'second_factor_removed', {
        name: nameInMail(user),
        at: now,
        device: null,
        left,
      })
      result = { removed, left }
      return true
    },
  )
  if (sessions === null) throw new FlowError('not_found', { reason: 'no such factor' })
  context.mailer.wake()
  return { ...result, sessions }
}
