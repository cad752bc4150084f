import type { OpenedProvider, ProviderUser } from '../../providers/open-provider.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { findUserByIdentity, listIdentities } from '../../store/identity.ts'
import { lockUser } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { renewProof, requireNoSecondFactor, withMethods, withoutMfa } from './reauthenticate.ts'
import { requireOpenSession, type StartSession } from './start-session.ts'

/** The difference of the clocks of the provider and of this server that is accepted, in milliseconds. openid-client has the same default. */
const clockToleranceMs = 30_000

/**
 * Checks that the user can confirm at this provider who they are. The provider must be linked to the account, and it must be able to say
 * when the user has authenticated there.
 *
 * @throws FlowError `provider_unconfirmed`, `identity_mismatch`; `insufficient_user_authentication` when the user has a second factor, which
 * must be proved instead.
 */
export async function requireMayConfirm(
  context: Context,
  { user }: Authenticated,
  { name, canConfirm }: OpenedProvider,
): Promise<void> {
  if (!canConfirm) throw unconfirmed('the provider cannot say when the user has authenticated')
  const identities = await listIdentities(context.database, user.id)
  if (!identities.some(({ provider }) => provider === name)) throw new FlowError('identity_mismatch')
  await requireNoSecondFactor(context, user)
}

/**
 * Confirms who the user is, after they have authenticated at a provider again. The account at the provider must be linked to the user, and
 * the provider must have signed that the user has authenticated since this was begun. The session then counts as freshly authenticated with
 * one factor, as after the password.
 *
 * @throws FlowError `provider_unconfirmed`, `identity_mismatch`, `sign_in_expired`, `insufficient_user_authentication`.
 */
export async function confirmAtProvider(
  context: Context,
  { canConfirm }: OpenedProvider,
  { issuer, subject, authenticatedAt }: ProviderUser,
  { session, startedAt }: { session: StartSession; startedAt: number },
  source: RequestSource,
): Promise<void> {
  const { database, clock } = context
  if (!canConfirm || authenticatedAt === null)
    throw unconfirmed('the answer of the provider has no auth_time')
  if (authenticatedAt < startedAt - clockToleranceMs || authenticatedAt > clock() + clockToleranceMs)
    throw unconfirmed('the user has not authenticated again at the provider')
  await inTransaction(database, async (transaction) => {
    await lockUser(transaction, session.userId)
    const authenticated = await requireOpenSession(context, transaction, session)
    const owner = await findUserByIdentity(transaction, { issuer, subject })
    if (owner?.user.id !== session.userId) throw new FlowError('identity_mismatch')
    await requireNoSecondFactor({ ...context, database: transaction }, authenticated.user)
    const methods = withMethods(withoutMfa(authenticated), ['fed'])
    await renewProof(context, transaction, authenticated, methods, source, { method: 'provider' })
  })
}

function unconfirmed(reason: string): FlowError {
  return new FlowError('provider_unconfirmed', { reason })
}
