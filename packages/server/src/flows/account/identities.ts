import type { Identity } from '@sallyport/protocol/endpoints'
import { describeDevice } from '../../mail/device-name.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { listIdentities, takeIdentity } from '../../store/identity.ts'
import { dropPendingSignInsOf } from '../../store/pending-sign-in.ts'
import { listProviderTokensOf } from '../../store/provider-token.ts'
import { lockUser } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { describeIdentity } from '../sign-in/link-identity.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'
import { revokeProviderTokens } from './revoke-provider-tokens.ts'
import { hasWayIn } from './way-in.ts'

/**
 * Returns the accounts at providers with which the user can sign in.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function describeIdentities(
  context: Context,
  { user }: Authenticated,
  source: RequestSource,
): Promise<Identity[]> {
  await consumeUserQuota(context, 'listing', user.id, source)
  const identities = await listIdentities(context.database, user.id)
  return identities.map((identity) => describeIdentity(context, identity))
}

/**
 * Removes the link to an account at a provider, and revokes its tokens there. Sessions that began with it continue. Sign-ins that wait for
 * a second factor end.
 *
 * @throws FlowError `insufficient_user_authentication`, `not_found`, `last_way_in`, `too_many_requests`.
 */
export async function unlinkIdentity(
  context: Context,
  authenticated: Authenticated,
  id: string,
  source: RequestSource,
): Promise<void> {
  await requireStrongProof(context, authenticated)
  const { user, session } = authenticated
  const { database, clock, mailer, providers } = context
  await consumeUserQuota(context, 'identity_change', user.id, source)
  const deleted = await inTransaction(database, async (transaction) => {
    const now = clock()
    // Two requests that remove the last two identities must not both succeed. So the second one waits here, and then sees what is left.
    await lockUser(transaction, user.id, { updatedAt: now })
    const tokens = await listProviderTokensOf(transaction, [user.id], id)
    const removed = await takeIdentity(transaction, user.id, id)
    if (removed === null) throw new FlowError('not_found')
    // A sign-in may have begun with this identity, and wait for a second factor.
    await dropPendingSignInsOf(transaction, user.id)
    if (!(await hasWayIn(context, transaction, user.id))) throw new FlowError('last_way_in')
    await mailer.queue(transaction, user.email, 'identity_unlinked', {
      name: nameInMail(user),
      provider: providers.get(removed.provider)?.label ?? removed.provider,
      at: now,
      device: describeDevice(source.userAgent),
    })
    await recordAuditEvent(context, transaction, source, {
      action: 'identity_unlinked',
      userId: user.id,
      sessionId: session.id,
      details: { provider: removed.provider },
    })
    return tokens
  })
  mailer.wake()
  revokeProviderTokens(context, deleted)
}
