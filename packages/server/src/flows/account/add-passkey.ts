import type { Passkey, PasskeyCreationOptions, PasskeyRegistration } from '@sallyport/protocol/endpoints'
import type { Context, RequestSource } from '../../services/context.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { addNewPasskey, checkNewPasskey, optionsForNewPasskey } from '../sign-in/new-passkey.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'
import { shownPasskey } from './passkeys.ts'

/**
 * Returns the options with which the browser of a signed-in user creates a passkey.
 *
 * @throws FlowError `insufficient_user_authentication`, `invalid_request` if the user has too many, `too_many_requests`.
 */
export async function startPasskey(
  context: Context,
  authenticated: Authenticated,
  source: RequestSource,
): Promise<PasskeyCreationOptions> {
  await requireStrongProof(context, authenticated)
  const { user, session } = authenticated
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  return optionsForNewPasskey(context, user, { purpose: 'register', boundTo: session.id })
}

/**
 * Adds a passkey to the account of the user, and mails them about it.
 *
 * @throws FlowError `passkey_refused`, `insufficient_user_authentication`, `invalid_request` if the user has too many,
 * `too_many_requests`.
 */
export async function addPasskeyOf(
  context: Context,
  authenticated: Authenticated,
  created: { credential: PasskeyRegistration; name?: string | undefined },
  source: RequestSource,
): Promise<Passkey> {
  await requireStrongProof(context, authenticated)
  const { database, mailer } = context
  const { user, session } = authenticated
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  const use = { purpose: 'register', boundTo: session.id } as const
  const { passkey } = await checkNewPasskey(context, user.id, created, use)
  await inTransaction(database, (transaction) =>
    addNewPasskey(context, transaction, user, passkey, source, session.id),
  )
  mailer.wake()
  return shownPasskey(passkey)
}
