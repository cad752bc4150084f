import { describeDevice } from '../../mail/device-name.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { setMailedVersion } from '../../store/mailed-sign-in.ts'
import { dropUnprovenAccess } from '../../store/unproven-access.ts'
import { findUserById, type StoredUser, verifyUnchangedEmail } from '../../store/user.ts'
import { endAllAndAnnounce } from '../session/end-session.ts'

/**
 * Verifies the address of a user who has just used a mailed code or link, and removes all access that was created before. Anybody can sign
 * up with the address of another person, choose a password and wait until that person uses the account. So the password of an account whose
 * address is unverified must not stay valid after the first proof of the address ("pre-hijacking"). Returns the user as they are afterwards.
 * Returns null if the user has changed in the meantime.
 */
export async function proveAddress(
  context: Context,
  { id, email, version }: StoredUser,
  mailedHash: string,
  source: RequestSource,
): Promise<StoredUser | null> {
  const { database, mailer } = context
  const ended = await endAllAndAnnounce(context, id, { reason: 'revoked' }, async (transaction, now) => {
    const user = await verifyUnchangedEmail(transaction, { id, email, version }, now)
    if (user === null) return false
    const hadAccess = await endUnprovenAccess(context, transaction, id, source)
    // All sessions of the user end in this transaction, and this increases the version.
    await setMailedVersion(transaction, mailedHash, version + 1)
    if (hadAccess)
      await mailer.queue(transaction, email, 'password_removed', {
        at: now,
        device: describeDevice(source.userAgent),
      })
    await recordAuditEvent(context, transaction, source, {
      action: 'address_verified',
      userId: id,
      ...(hadAccess && { details: { removed: 'earlier access' } }),
    })
    return true
  })
  mailer.wake()
  const user = ended === null ? null : await findUserById(database, id)
  return user?.version === version + 1 ? user : null
}

/**
 * Deletes all access to an account, and its second factors, in the transaction of the first proof of its address. After this proof, a mail
 * never removes a second factor again. Returns whether there was any access.
 */
export async function endUnprovenAccess(
  context: Context,
  transaction: Database,
  userId: string,
  source: RequestSource,
): Promise<boolean> {
  const { hadAccess, factors } = await dropUnprovenAccess(transaction, userId)
  if (factors > 0)
    await recordAuditEvent(context, transaction, source, {
      action: 'second_factor_removed',
      userId,
      details: { kind: 'totp', removed: factors, reason: 'address was not verified' },
    })
  return hadAccess || factors > 0
}
