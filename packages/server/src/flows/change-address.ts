import { describeDevice } from '../mail/device-name.ts'
import { dropOneTimeTokensOf } from '../store/one-time-token.ts'
import { changeEmail, findUserByEmail, findUserById } from '../store/user.ts'
import type { Authenticated } from './authenticate.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { makeLink, spendLink, validMinutes } from './one-time-link.ts'
import { requirePassword } from './reauthenticate.ts'
import { takeTurn } from './throttles.ts'
import { record } from './trail.ts'

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
  await takeTurn(context, 'mail', caller, newEmail)
  const { database, mailer, clock } = context
  await database.transaction().execute(async (transaction) => {
    const owner = await findUserByEmail(transaction, newEmail)
    const purpose = owner === null ? 'change_address' : 'decoy'
    const token = await makeLink(context, transaction, { purpose, userId: user.id, email: newEmail })
    const { name } = user
    if (owner === null)
      await mailer.queue(transaction, newEmail, 'confirm_new_address', {
        name,
        token,
        validMinutes: validMinutes.change_address,
      })
    else await mailer.queueDecoy(transaction)
    await mailer.queue(transaction, user.email, 'address_change_asked', {
      name,
      newEmail,
      at: clock(),
      device: describeDevice(caller.userAgent),
    })
    await record(context, transaction, caller, {
      action: 'address_change_asked',
      userId: user.id,
      sessionId: session.id,
    })
  })
  mailer.wake()
}

/**
 * Puts the new address in place, by the link that was mailed to it. The old one is told; links that were sent to it die.
 *
 * @throws FlowError `link_invalid`, also when somebody has taken the address meanwhile.
 */
export async function confirmNewAddress(
  context: Context,
  { token }: { token: string },
  caller: Caller,
): Promise<void> {
  await takeTurn(context, 'link', caller)
  const { database, mailer, clock } = context
  await database.transaction().execute(async (transaction) => {
    const { userId, email } = await spendLink(context, transaction, token, 'change_address')
    const user = userId === null ? null : await findUserById(transaction, userId)
    const now = clock()
    if (user === null || !(await changeEmail(transaction, user.id, email, now)))
      throw new FlowError('link_invalid')
    await dropOneTimeTokensOf(transaction, user.id)
    await mailer.queue(transaction, user.email, 'address_changed', {
      name: user.name,
      newEmail: email,
      at: now,
    })
    await record(context, transaction, caller, { action: 'address_change', userId: user.id })
  })
  mailer.wake()
}
