import { describeDevice } from '../../mail/device-name.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import { lockUser, replacePassword } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { endAllAndAnnounce } from '../session/end-session.ts'
import { hashNewPassword, requireAcceptablePassword } from '../sign-in/password.ts'
import { checkPassword, requireProofOfFactor } from '../sign-in/reauthenticate.ts'

/**
 * Changes the user's password. Ends all other sessions of the user in the same transaction, so that nobody stays signed in with the old
 * password. If somebody signs in with the old password at the same time, that sign-in fails. A user without a password cannot use this. They
 * set the first one with the mailed link for a new password.
 *
 * @throws FlowError `insufficient_user_authentication`; `invalid_request` when the current password is wrong, or when the password policy refuses the new one.
 */
export async function changePassword(
  context: Context,
  authenticated: Authenticated,
  { currentPassword, newPassword }: { currentPassword: string; newPassword: string },
  source: RequestSource,
): Promise<void> {
  const { mailer } = context
  const { user, session } = authenticated
  await requireProofOfFactor(context, authenticated)
  const about = { email: user.email, name: user.name, field: 'newPassword' }
  const accepted = await requireAcceptablePassword(context, newPassword, about)
  const from = await checkPassword(context, user.id, currentPassword, source)
  if (from === null) throw wrong()
  const to = await hashNewPassword(context, accepted, source.signal)
  const ending = { reason: 'password_change', except: session.id } as const
  const count = await endAllAndAnnounce(context, user.id, ending, async (transaction, now) => {
    await lockUser(transaction, user.id, { updatedAt: now })
    if (!(await replacePassword(transaction, user.id, { from, to, now }))) return false
    // Delete links for a change of address or a password reset, because somebody who knew the old password may have requested them.
    await dropOneTimeTokensOf(transaction, user.id, ['change_address', 'reset_password'])
    await mailer.queue(transaction, user.email, 'password_changed', {
      name: nameInMail(user),
      at: now,
      device: describeDevice(source.userAgent),
    })
    await recordAuditEvent(context, transaction, source, {
      action: 'password_change',
      userId: user.id,
      sessionId: session.id,
    })
    return true
  })
  // Another change of the password was committed first. So the password that the user entered is no longer the current one.
  if (count === null) throw wrong()
  mailer.wake()
}

function wrong(): FlowError {
  const errors = [{ field: 'currentPassword', message: 'This is not your current password.' }]
  return new FlowError('invalid_request', { reason: 'the current password is wrong', details: { errors } })
}
