import type { PasskeyCreationOptions, PasskeyRegistration } from '@sallyport/protocol/endpoints'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { takePendingSignIn } from '../../store/pending-sign-in.ts'
import { openAfterSecondFactor, type SignedIn } from './gate.ts'
import { addNewPasskey, checkNewPasskey, optionsForNewPasskey } from './new-passkey.ts'
import { readPendingSignIn } from './pending-sign-in.ts'
import { requireSetup } from './second-factor.ts'

/**
 * Returns the options with which a browser creates a passkey as the second factor that a sign-in requires. If the user has a second factor
 * already, it must be proved instead.
 *
 * @throws FlowError `sign_in_expired`, `too_many_requests`.
 */
export async function startPasskeySetup(
  context: Context,
  handle: string | null,
  source: RequestSource,
): Promise<PasskeyCreationOptions> {
  await consumeQuota(context, 'passkey', source)
  const { hash, user, proof } = await readPendingSignIn(context, handle)
  await requireSetup(context, user, proof.methods)
  return optionsForNewPasskey(context, user, { purpose: 'set_up', boundTo: hash })
}

/**
 * Adds a passkey as the second factor that a sign-in requires, and finishes the sign-in. The passkey is something that the user has. So it
 * is not required that the authenticator verifies the user. No recovery codes are made: they replace an authenticator app.
 *
 * @throws FlowError `sign_in_expired`, `passkey_refused`, `address_unverified`, `too_many_requests`.
 */
export async function finishPasskeySetup(
  context: Context,
  {
    handle,
    ...created
  }: { credential: PasskeyRegistration; name?: string | undefined; handle: string | null },
  source: RequestSource,
): Promise<SignedIn> {
  await consumeQuota(context, 'passkey', source)
  const { hash, user, proof } = await readPendingSignIn(context, handle)
  await requireSetup(context, user, proof.methods)
  const { passkey, methods } = await checkNewPasskey(context, user.id, created, {
    purpose: 'set_up',
    boundTo: hash,
  })
  const all = [...new Set([...proof.methods, ...methods, 'mfa'])]
  const signedIn = await openAfterSecondFactor(
    context,
    user,
    { ...proof, methods: all },
    source,
    async (transaction) => {
      if (!(await takePendingSignIn(transaction, hash))) throw new FlowError('sign_in_expired')
      // If the user has a second factor by now, it must be proved. Otherwise somebody who only knows the password could add another one.
      await requireSetup({ ...context, database: transaction }, user, proof.methods)
      await addNewPasskey(context, transaction, user, passkey, source)
    },
  )
  if (signedIn === null) throw new FlowError('sign_in_expired')
  return signedIn
}
