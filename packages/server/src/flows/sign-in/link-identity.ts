import { emailSchema } from '@sallyport/protocol'
import type { Identity } from '@sallyport/protocol/endpoints'
import { describeDevice } from '../../mail/device-name.ts'
import type { OpenedProvider, ProviderUser } from '../../providers/open-provider.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { inTransaction } from '../../store/group-commit.ts'
import {
  addIdentity,
  findUserByIdentity,
  type IdentityRow,
  listIdentities as listStored,
} from '../../store/identity.ts'
import { lockUser } from '../../store/user.ts'
import { keepProviderTokens } from './provider-tokens.ts'
import { requireOpenSession, type StartSession } from './start-session.ts'

/**
 * Links an account at a provider to the account of the user who has begun this. The session of the start must still be open.
 *
 * @throws FlowError `sign_in_expired`, `identity_taken`.
 */
export async function linkIdentity(
  context: Context,
  provider: OpenedProvider,
  { issuer, subject, email: stated, tokens }: ProviderUser,
  link: StartSession,
  source: RequestSource,
): Promise<Identity> {
  const { database, clock, newId, mailer } = context
  const { userId, sessionId } = link
  const email = emailSchema.safeParse(stated).data ?? null
  const identity = await inTransaction(database, async (transaction) => {
    const now = clock()
    await lockUser(transaction, userId, { updatedAt: now })
    const { user } = await requireOpenSession(context, transaction, link)
    const times = { createdAt: now, lastUsedAt: now }
    const added = { issuer, subject, id: newId(), userId, provider: provider.name, email, ...times }
    if (!(await addIdentity(transaction, added))) {
      const owner = await findUserByIdentity(transaction, { issuer, subject })
      if (owner?.user.id !== userId) throw new FlowError('identity_taken')
      // The user has linked this account before. Only its tokens change.
      await keepProviderTokens(context, transaction, provider, owner.identityId, tokens)
      const stored = (await listStored(transaction, userId)).find(({ id }) => id === owner.identityId)
      return stored ?? added
    }
    await keepProviderTokens(context, transaction, provider, added.id, tokens)
    await mailer.queue(transaction, user.email, 'identity_linked', {
      name: nameInMail(user),
      provider: provider.label,
      at: now,
      device: describeDevice(source.userAgent),
    })
    await recordAuditEvent(context, transaction, source, {
      action: 'identity_linked',
      userId,
      sessionId,
      details: { provider: provider.name },
    })
    return added
  })
  mailer.wake()
  return describeIdentity(context, identity)
}

/** Returns an identity in the form in which its user sees it. */
export function describeIdentity(
  { providers }: Pick<Context, 'providers'>,
  { id, provider, email, createdAt, lastUsedAt }: IdentityRow,
): Identity {
  const { label = provider, canConfirm = false } = providers.get(provider) ?? {}
  return { id, provider, label, email, createdAt, lastUsedAt, canConfirm }
}
