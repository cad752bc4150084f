import type { User } from '@sallyport/protocol'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { makeLink, readLink, spendLink } from '../../services/one-time-link.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { toUser } from '../../services/to-user.ts'
import { sendVerification } from '../../services/verification-mail.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { dropDevicesOf } from '../../store/known-device.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import { endSessionsOf } from '../../store/session.ts'
import { findUserByEmail, findUserById, verifyEmail } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { revokedUntil } from '../session/end-session.ts'
import { beginSessionIfPossible, byPassword, type SignInResult } from '../sign-in/gate.ts'
import { finishSignUp, mailPendingSignUp, wrongPassword } from '../sign-in/pending-sign-up.ts'
import { checkPassword } from '../sign-in/reauthenticate.ts'

/** Mails another link if the address has not been verified yet. The work and the response are the same for every address. */
export async function askForVerification(
  context: Context,
  email: string | null,
  source: RequestSource,
): Promise<void> {
  await consumeQuota(context, 'mail', source, email ?? context.newId())
  const { database, mailer } = context
  await inTransaction(database, async (transaction) => {
    const user = email === null ? null : await findUserByEmail(transaction, email)
    const isPending =
      user === null && email !== null && (await mailPendingSignUp(context, transaction, email, source))
    if (user !== null && user.emailVerifiedAt === null)
      await sendVerification(context, transaction, user, source)
    else if (!isPending) {
      await makeLink(context, transaction, { purpose: 'decoy', userId: null, email: email ?? '' })
      await mailer.queueDecoy(transaction)
    }
    await recordAuditEvent(context, transaction, source, {
      action: 'address_verification_asked',
      userId: user?.id ?? null,
      actor: 'nobody',
    })
  })
  mailer.wake()
}

/**
 * Verifies an address. Requires the link that was mailed to it, and the password that was chosen at sign-up. The link alone is not enough,
 * because anybody can sign up with the address of another person. That person could then verify the address for the wrong account with one
 * careless click. A user who is signed in to the account needs no password.
 *
 * @throws FlowError `link_invalid`; `invalid_request` when the password is not the one that was chosen. In this case the link still works.
 */
export async function verifyAddress(
  context: Context,
  { token, password }: { token: string; password?: string | undefined },
  authenticated: Authenticated | null,
  source: RequestSource,
): Promise<SignInResult | { status: 'verified'; user: User }> {
  await consumeQuota(context, 'link', source)
  const signUp = await readLink(context, token, 'sign_up').catch(() => null)
  if (signUp !== null)
    return finishSignUp(context, { token, password: password ?? '', email: signUp.email }, source)
  const { userId } = await readLink(context, token, 'verify_address')
  const isOwn = authenticated !== null && authenticated.user.id === userId
  const hash =
    isOwn || userId === null || password === undefined
      ? null
      : await checkPassword(context, userId, password, source)
  if (!isOwn && hash === null) throw wrongPassword()
  const { database, clock } = context
  const user = await inTransaction(database, async (transaction) => {
    const spent = await spendLink(context, transaction, token, 'verify_address')
    const verified = await verifyEmail(transaction, spent.userId ?? '', spent.email, clock())
    if (verified === null) throw new FlowError('link_invalid')
    await recordAuditEvent(context, transaction, source, { action: 'address_verified', userId: verified.id })
    // Somebody else may have created sessions, links and known browsers before the address was verified. End and delete them.
    await dropOneTimeTokensOf(transaction, verified.id)
    await dropDevicesOf(transaction, verified.id)
    const except = isOwn ? authenticated.session.id : undefined
    const now = clock()
    await endSessionsOf(transaction, verified.id, {
      reason: 'revoked',
      now,
      until: revokedUntil(now),
      except,
    })
    // Read the user again, because the end of the sessions has changed the version. A sign-in with the old one would not be valid.
    return (await findUserById(transaction, verified.id)) ?? verified
  })
  await context.revocations.announce()
  const result = hash === null ? null : await beginSessionIfPossible(context, user, byPassword(hash), source)
  return result ?? { status: 'verified', user: toUser(context.config, user) }
}
