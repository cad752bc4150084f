import type { PasskeyAssertion, PasskeyRequestOptions } from '@sallyport/protocol/endpoints'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { setAuthenticated } from '../../store/session.ts'
import { cancelRemovalAfterProof } from '../second-factor/cancel-removal.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { optionsForPasskeyOf } from './passkey-options.ts'
import { usePasskey } from './use-passkey.ts'

/**
 * Returns the options with which a browser asks a signed-in user for a passkey.
 *
 * @throws FlowError `passkey_refused` if the user has no passkey, `too_many_requests`.
 */
export async function startPasskeyConfirmation(
  context: Context,
  { user, session }: Authenticated,
  source: RequestSource,
): Promise<PasskeyRequestOptions> {
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  return optionsForPasskeyOf(context, user.id, { purpose: 'step_up', boundTo: session.id }, 'required')
}

/**
 * Confirms with a passkey that it is the user. The session then counts as freshly authenticated with two factors, because the authenticator
 * must have verified the user.
 *
 * @throws FlowError `passkey_refused`, `too_many_requests`.
 */
export async function confirmWithPasskey(
  context: Context,
  { user, session }: Authenticated,
  credential: PasskeyAssertion,
  source: RequestSource,
): Promise<void> {
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  const terms = {
    purpose: 'step_up',
    boundTo: session.id,
    userId: user.id,
    mustVerifyUser: true,
  } as const
  await usePasskey(context, credential, terms, source, ({ methods }, record) =>
    inTransaction(context.database, async (transaction) => {
      // First, so that rows are locked in the same order as by the removal itself.
      await cancelRemovalAfterProof(context, transaction, user.id, source)
      await record(transaction)
      await setAuthenticated(transaction, session.id, {
        now: context.clock(),
        methods: [...new Set([...session.methods, ...methods])],
      })
      await recordAuditEvent(context, transaction, source, {
        action: 'reauthentication',
        userId: user.id,
        sessionId: session.id,
        details: { method: 'passkey' },
      })
    }),
  )
}
