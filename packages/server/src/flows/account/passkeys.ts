import type { PasskeysResponse, Passkey as ShownPasskey } from '@sallyport/protocol/endpoints'
import { describeDevice } from '../../mail/device-name.ts'
import { type AuditAction, recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { forgetTrust } from '../../store/known-device.ts'
import { listPasskeys, type Passkey, removePasskey, renamePasskey } from '../../store/passkey.ts'
import { dropPendingSignInsOf } from '../../store/pending-sign-in.ts'
import { lockUser } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { passkeyDomain } from '../sign-in/passkey-challenge.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'
import { userHandleOf } from '../sign-in/use-passkey.ts'
import { hasWayIn } from './way-in.ts'

/** Returns a passkey in the form in which its user may see it. */
export function shownPasskey({ id, name, createdAt, lastUsedAt, backedUp }: Passkey): ShownPasskey {
  return { id, name, createdAt, lastUsedAt, synced: backedUp }
}

/**
 * Returns the passkeys of the user, the oldest first.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function passkeysOf(
  context: Context,
  { user }: Authenticated,
  source: RequestSource,
): Promise<PasskeysResponse> {
  await consumeUserQuota(context, 'listing', user.id, source)
  const passkeys = await listPasskeys(context.database, user.id)
  return {
    passkeys: passkeys.map(shownPasskey),
    rpId: passkeyDomain(context.config),
    userHandle: userHandleOf(user.id, passkeys),
  }
}

/**
 * Renames a passkey of the user.
 *
 * @throws FlowError `not_found`, `too_many_requests`.
 */
export async function renamePasskeyOf(
  context: Context,
  authenticated: Authenticated,
  { id, name }: { id: string; name: string },
  source: RequestSource,
): Promise<void> {
  const { user } = authenticated
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  await inTransaction(context.database, async (transaction) => {
    if (!(await renamePasskey(transaction, { id, userId: user.id, name }))) throw noSuchPasskey()
    await recordPasskeyChange(context, transaction, authenticated, source, 'passkey_renamed')
  })
}

/**
 * Removes a passkey of the user. Sessions that it has opened stay open. If the user could not sign in without it, it stays. No browser is
 * trusted any more.
 *
 * @throws FlowError `not_found`, `last_way_in`, `insufficient_user_authentication`, `too_many_requests`.
 */
export async function removePasskeyOf(
  context: Context,
  authenticated: Authenticated,
  id: string,
  source: RequestSource,
): Promise<void> {
  await requireStrongProof(context, authenticated)
  const { clock, database, mailer } = context
  const { user } = authenticated
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  await inTransaction(database, async (transaction) => {
    // Two requests that remove the last two passkeys must not both succeed. So the second one waits here, and then sees what is left.
    await lockUser(transaction, user.id, { updatedAt: clock() })
    if (!(await removePasskey(transaction, { id, userId: user.id }))) throw noSuchPasskey()
    if (!(await hasWayIn(context, transaction, user.id))) throw new FlowError('last_way_in')
    // Somebody may have used the passkey as a second factor in a browser that is trusted since then.
    await forgetTrust(transaction, user.id)
    // A sign-in may have begun with this passkey, and wait for a second factor.
    await dropPendingSignInsOf(transaction, user.id)
    await recordPasskeyChange(context, transaction, authenticated, source, 'passkey_removed')
  })
  mailer.wake()
}

/** Records a change of the passkeys. If a passkey was removed, queues a mail about this. */
async function recordPasskeyChange(
  context: Context,
  transaction: Database,
  { user, session }: Authenticated,
  source: RequestSource,
  action: Extract<AuditAction, 'passkey_removed' | 'passkey_renamed'>,
): Promise<void> {
  await recordAuditEvent(context, transaction, source, { action, userId: user.id, sessionId: session.id })
  if (action === 'passkey_renamed') return
  await context.mailer.queue(transaction, user.email, action, {
    name: nameInMail(user),
    at: context.clock(),
    device: describeDevice(source.userAgent),
  })
}

function noSuchPasskey(): FlowError {
  return new FlowError('not_found', { reason: 'no such passkey' })
}
