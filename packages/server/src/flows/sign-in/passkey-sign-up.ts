import type { User } from '@sallyport/protocol'
import type { PasskeyCreationOptions, PasskeyRegistration } from '@sallyport/protocol/endpoints'
import type { UserFieldValues } from '../../config/user-fields.ts'
import { requireOwnConsent } from '../../services/ask-hook.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { toUser } from '../../services/to-user.ts'
import { beginSessionIfPossible, type SignInResult } from './gate.ts'
import { checkNewPasskey, optionsForNewPasskey, storeNewPasskey } from './new-passkey.ts'
import { refusedPasskey } from './passkey-challenge.ts'
import { askToSignUp, createPendingUser, readPasskeySignUp } from './pending-sign-up.ts'
import { countOutcome } from './sign-in-outcome.ts'

/**
 * Mails a link with which the owner of the address creates an account with a passkey. There is no account before that, whatever the setting
 * for the verification of addresses is. The work and the response are the same for every address. If the address has an account already, its
 * owner gets a notice.
 *
 * @throws FlowError `not_found` if no mails can be sent, `sign_up_refused`, `too_many_requests`.
 */
export function requestPasskeySignUp(
  context: Context,
  { email, name, fields = {} }: { email: string; name: string; fields?: UserFieldValues },
  source: RequestSource,
): Promise<void> {
  const { config, metrics, newId } = context
  return countOutcome(metrics.countSignUp, source, async () => {
    if (config.smtpUrl === undefined && !config.developmentInbox)
      throw new FlowError('not_found', { reason: 'a sign-up with a passkey needs mail' })
    await consumeQuota(context, 'sign_up', source, email)
    await requireOwnConsent(context, { email, name, fields }, source)
    const { defaultRoles: roles } = config
    await askToSignUp(context, { email, name, roles, fields, passwordHash: null, userId: newId() }, source)
  })
}

/**
 * Returns the options with which a browser creates the passkey of a new account, and the address and the name of the account. Uses the link
 * not up, so mail scanners may do this.
 *
 * @throws FlowError `link_invalid`, `too_many_requests`.
 */
export async function startPasskeySignUp(
  context: Context,
  token: string,
  source: RequestSource,
): Promise<PasskeyCreationOptions & { email: string; name: string }> {
  await consumeQuota(context, 'link', source)
  const { hash, signUp } = await readPasskeySignUp(context, token)
  const { userId: id, email, name } = signUp
  const use = { purpose: 'sign_up', boundTo: hash } as const
  return { ...(await optionsForNewPasskey(context, { id, email, name }, use, 'required')), email, name }
}

/**
 * Creates an account with a passkey, and signs the user in. The link proves the address, and the passkey is created by whoever has the link.
 * So nobody else has access to the account. The passkey must have verified the user, because it is the only way in. If no session can be
 * opened now, the account exists, and the user can sign in with the passkey.
 *
 * @throws FlowError `link_invalid`; `passkey_refused`, and the link still works; `too_many_requests`.
 */
export async function signUpWithPasskey(
  context: Context,
  { token, ...created }: { token: string; credential: PasskeyRegistration; name?: string | undefined },
  source: RequestSource,
): Promise<SignInResult | { status: 'verified'; user: User }> {
  await consumeQuota(context, 'link', source)
  const { hash, signUp } = await readPasskeySignUp(context, token)
  const use = { purpose: 'sign_up', boundTo: hash } as const
  const { passkey, methods } = await checkNewPasskey(context, signUp.userId, created, use)
  if (!passkey.userVerified) throw refusedPasskey('the user was not verified')
  const user = await createPendingUser(
    context,
    signUp,
    { token, passwordHash: null },
    source,
    (transaction) => storeNewPasskey(context, transaction, passkey, source),
  )
  const proof = { methods, unchanged: { version: user.version } }
  return (
    (await beginSessionIfPossible(context, user, proof, source)) ?? {
      status: 'verified',
      user: toUser(context.config, user),
    }
  )
}
