import { askedBy } from '../../services/asked-by.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Caller, Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { makeLink, readLink, spendLink, validMinutes } from '../../services/one-time-link.ts'
import { consumeQuota, consumeUserQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import { changeEmail, findUserByEmail, findUserById } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { checkPassword, requirePassword } from '../sign-in/reauthenticate.ts'

/**
 * Asks for another address: the new one gets a link, the old one is told. Nothing changes before the link is used. An address that
 * somebody has already gets no link; who asks cannot tell (A01).
 */
export async function askToChangeAddress(
  context: Context,
  { user, session }: Authenticated,
  { newEmail, password }: { newEmail: string; password: string },
  caller: Caller,
): Promise<void> {
  await requirePassword(context, user.id, password, caller)
  await consumeUserQuota(context, 'address_change', user.id, caller)
  await consumeQuota(context, 'mail', caller, newEmail)
  const { database, mailer } = context
  await inTransaction(database, async (transaction) => {
    // Also where the address is taken: an older link that still worked would tell who asks that it is.
    await dropOneTimeTokensOf(transaction, user.id, ['change_address'])
    const owner = await findUserByEmail(transaction, newEmail)
    const purpose = owner === null ? 'change_address' : 'decoy'
    const token = await makeLink(context, transaction, { purpose, userId: user.id, email: newEmail })
    const when = askedBy(context, caller)
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
    await recordAuditEvent(context, transaction, caller, {
      action: 'address_change_asked',
      userId: user.id,
      sessionId: session.id,
    })
  })
  mailer.wake()
}

/**
 * Puts the new address in place, by the link that was mailed to it, together with the session or the password of the account that asked:
 * the link alone, opened by the owner of the address, must not give that address to somebody else's account. The old address is told,
 * and every other link of the account stops working.
 *
 * @throws FlowError `link_invalid`, also when somebody has taken the address meanwhile; `invalid_request` when it is neither the session
 * nor the password of that account, and the link still works.
 */
export async function confirmNewAddress(
  context: Context,
  { token, password }: { token: string; password?: string | undefined },
  authenticated: Authenticated | null,
  caller: Caller,
): Promise<void> {
  await consumeQuota(context, 'link', caller)
  const { userId: owner } = await readLink(context, token, 'change_address')
  if (owner === null) throw new FlowError('link_invalid')
  const isOwn = authenticated !== null && authenticated.user.id === owner
  if (!isOwn) await requirePasswordOfAsker(context, owner, password, caller)
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
    await recordAuditEvent(context, transaction, caller, { action: 'address_change', userId: user.id })
  })
  mailer.wake()
}

async function requirePasswordOfAsker(
  context: Context,
  userId: string,
  password: string | undefined,
  caller: Caller,
): Promise<void> {
  // Nothing was typed: that is no try, and costs none.
  const isRight = password !== undefined && (await checkPassword(context, userId, password, caller)) !== null
  if (isRight) return
  const message =
    'Enter the password of the account that asked for this address, or open the link where you are signed in to it.'
  throw new FlowError('invalid_request', {
    reason: 'neither the session nor the password of the account',
    details: { errors: [{ field: 'password', message }] },
  })
}
