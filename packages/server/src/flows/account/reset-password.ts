import { describeDevice } from '../../mail/device-name.ts'
import { askedBy } from '../../services/asked-by.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { makeLink, readLink, spendLink, validMinutes } from '../../services/one-time-link.ts'
import { consumeQuota, forgetTries } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { dropDevicesOf } from '../../store/known-device.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import { findUserByEmail, findUserById, setPassword, verifyEmail } from '../../store/user.ts'
import { knowsDevice } from '../session/devices.ts'
import { endAllAndAnnounce } from '../session/end-session.ts'
import { endUnprovenAccess } from '../sign-in/first-proof.ts'
import { hashNewPassword, requireAcceptablePassword } from '../sign-in/password.ts'

/** Mails a link for a new password if the address has an account. The work and the response are the same for every address. */
export async function askForReset(
  context: Context,
  email: string | null,
  source: RequestSource,
): Promise<void> {
  const { database, mailer } = context
  // A browser that has signed in to the account before has its own quota. So other people cannot use up the quota and prevent the owner
  // from setting a new password.
  const user = email === null || source.device === null ? null : await findUserByEmail(database, email)
  const isKnownDevice = await knowsDevice(context, user?.id ?? null, source)
  await consumeQuota(context, 'mail', source, email ?? context.newId(), { isKnownDevice })
  await inTransaction(database, async (transaction) => {
    const found = email === null ? null : await findUserByEmail(transaction, email)
    const user = found?.disabledAt === null ? found : null
    const purpose = user === null ? 'decoy' : 'reset_password'
    // Always mail to the stored address, never to the address that was entered.
    const address = user?.email ?? email ?? ''
    const token = await makeLink(context, transaction, { purpose, userId: user?.id ?? null, email: address })
    if (user === null) await mailer.queueDecoy(transaction)
    else
      await mailer.queue(transaction, user.email, 'reset_password', {
        ...askedBy(context, source),
        name: nameInMail(user),
        token,
        validMinutes: validMinutes.reset_password,
      })
    await recordAuditEvent(context, transaction, source, {
      action: 'password_reset_asked',
      userId: user?.id ?? null,
      actor: 'nobody',
    })
  })
  mailer.wake()
}

/**
 * Sets a new password with a mailed link. All sessions of the user end, and all other links of the user are deleted. No new session begins
 * (ASVS 6.4.3). The link also verifies the address. So any access that somebody else created before the address was verified is removed.
 *
 * @throws FlowError `link_invalid`, `invalid_request`.
 */
export async function resetPassword(
  context: Context,
  { token, newPassword }: { token: string; newPassword: string },
  source: RequestSource,
): Promise<void> {
  const { database, mailer } = context
  await consumeQuota(context, 'link', source)
  const { userId, email } = await readLink(context, token, 'reset_password')
  const user = userId === null ? null : await findUserById(database, userId)
  if (user === null) throw new FlowError('link_invalid')
  const about = { email: user.email, name: user.name, field: 'newPassword' }
  const accepted = await requireAcceptablePassword(context, newPassword, about)
  const hash = await hashNewPassword(context, accepted, source.signal)
  await endAllAndAnnounce(context, user.id, { reason: 'password_change' }, async (transaction, now) => {
    await spendLink(context, transaction, token, 'reset_password')
    // If this returns null, the user's address has changed since the link was mailed to the old address.
    if ((await verifyEmail(transaction, user.id, email, now)) === null) throw new FlowError('link_invalid')
    // Before the address was verified, somebody else may have had the account.
    if (user.emailVerifiedAt === null) await endUnprovenAccess(context, transaction, user.id, source)
    await setPassword(transaction, user.id, hash, now)
    await dropOneTimeTokensOf(transaction, user.id)
    // Delete all known browsers. A browser of somebody who used the account earlier must not keep its own quota for wrong passwords.
    await dropDevicesOf(transaction, user.id)
    await forgetTries(context, transaction, user)
    await mailer.queue(transaction, email, 'password_changed', {
      // Use `user` as it was read before the verification. If the address was not verified then, somebody else may have chosen the name,
      // and the mail must not contain it.
      name: nameInMail(user),
      at: now,
      device: describeDevice(source.userAgent),
    })
    await recordAuditEvent(context, transaction, source, { action: 'password_reset', userId: user.id })
    return true
  })
  mailer.wake()
}
