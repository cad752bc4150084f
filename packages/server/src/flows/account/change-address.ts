import { askedBy } from '../../services/asked-by.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { makeLink, readLink, spendLink, validMinutes } from '../../services/one-time-link.ts'
import { consumeQuota, consumeUserQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import { changeEmail, findUserByEmail, findUserById } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { checkPassword, requireOwner } from '../sign-in/reauthenticate.ts'

/**
 * Requests a change of address. Mails a link to the new address and a notice to the old one. The address does not change before the link is
 * used. If another user has the new address, no link is mailed. The response is the same in both cases. A user without a password sends none.
 *
 * @throws FlowError as {@link requireOwner}; `too_many_requests`.
 */
export async function askToChangeAddress(
  context: Context,
  authenticated: Authenticated,
  { newEmail, password }: { newEmail: string; password?: string | undefined },
  source: RequestSource,
): Promise<void> {
  const { user, session } = authenticated
  await requireOwner(context, authenticated, password, source)
  await consumeUserQuota(context, 'address_change', user.id, source)
  await consumeQuota(context, 'mail', source, newEmail)
  const { database, mailer } = context
  await inTransaction(database, async (transaction) => {
    // Delete older links also if another user has the new address. Otherwise an older link that still works would show the user that the
    // new address belongs to another account.
    await dropOneTimeTokensOf(transaction, user.id, ['change_address'])
    const owner = await findUserByEmail(transaction, newEmail)
    const purpose = owner === null ? 'change_address' : 'decoy'
    const token = await makeLink(context, transaction, { purpose, userId: user.id, email: newEmail })
    const when = askedBy(context, source)
    if (owner === null)
      await mailer.queue(transaction, newEmail, 'confirm_new_address', {
        ...when,
        token,
        validMinutes: validMinutes.change_address,
      })
    else await mailer.queueDecoy(transaction)
    await mailer.queue(transaction, user.email, 'address_change_asked', {
      ...when,
      name: nameInMail(user),
      newEmail,
    })
    await recordAuditEvent(context, transaction, source, {
      action: 'address_change_asked',
      userId: user.id,
      sessionId: session.id,
    })
  })
  mailer.wake()
}

/**
 * Changes the address. Requires the link that was mailed to the new address, and the session or the password of the account. The link alone
 * is not enough, because anybody can request that their own account gets the address of another person. That person could then confirm the
 * change with one careless click. Mails a notice to the old address and deletes all other links of the account.
 *
 * @throws FlowError `link_invalid` when the link is unknown, used or expired, or when another user now has the address; `invalid_request`
 * when the request contains neither the session nor the password of the account. After `invalid_request` the link still works.
 */
export async function confirmNewAddress(
  context: Context,
  { token, password }: { token: string; password?: string | undefined },
  authenticated: Authenticated | null,
  source: RequestSource,
): Promise<void> {
  await consumeQuota(context, 'link', source)
  const { userId: owner } = await readLink(context, token, 'change_address')
  if (owner === null) throw new FlowError('link_invalid')
  const isOwn = authenticated !== null && authenticated.user.id === owner
  if (!isOwn) await requirePasswordOfAsker(context, owner, password, source)
  const { database, mailer, clock } = context
  await inTransaction(database, async (transaction) => {
    const { userId, email } = await spendLink(context, transaction, token, 'change_address')
    const user = userId === null ? null : await findUserById(transaction, userId)
    const now = clock()
    const isChanged =
      user !== null && user.disabledAt === null && (await changeEmail(transaction, user.id, email, now))
    if (!isChanged) throw new FlowError('link_invalid')
    await dropOneTimeTokensOf(transaction, user.id)
    await mailer.queue(transaction, user.email, 'address_changed', {
      name: nameInMail(user),
      newEmail: email,
      at: now,
    })
    await recordAuditEvent(context, transaction, source, { action: 'address_change', userId: user.id })
  })
  mailer.wake()
}

async function requirePasswordOfAsker(
  context: Context,
  userId: string,
  password: string | undefined,
  source: RequestSource,
): Promise<void> {
  // If the request contains no password, no try is counted.
  const isRight = password !== undefined && (await checkPassword(context, userId, password, source)) !== null
  if (isRight) return
  const message =
    'Enter the password of the account for which this address was requested, or open the link in a browser that is signed in to that account.'
  throw new FlowError('invalid_request', {
    reason: 'neither the session nor the password of the account',
    details: { errors: [{ field: 'password', message }] },
  })
}
