import type { PasskeyAssertion, PasskeyRequestOptions } from '@sallyport/protocol/endpoints'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { takePendingSignIn } from '../../store/pending-sign-in.ts'
import { trustDevice } from '../session/devices.ts'
import { openAfterSecondFactor, type SignedIn } from './gate.ts'
import { optionsForPasskeyOf } from './passkey-options.ts'
import { readPendingSignIn } from './pending-sign-in.ts'
import { usePasskey } from './use-passkey.ts'

/**
 * Returns the options with which a browser asks for a passkey as the second factor of a sign-in. Whoever has the handle has proved the first
 * factor, so the options may name the passkeys of the user.
 *
 * @throws FlowError `sign_in_expired`, `passkey_refused` if the user has no passkey, `too_many_requests`.
 */
export async function startPasskeySecondFactor(
  context: Context,
  handle: string | null,
  source: RequestSource,
): Promise<PasskeyRequestOptions> {
  await consumeQuota(context, 'passkey', source)
  const { hash, user } = await readPendingSignIn(context, handle)
  return optionsForPasskeyOf(context, user.id, { purpose: 'second_factor', boundTo: hash }, 'preferred')
}

/**
 * Finishes a sign-in with a passkey as the second factor. The passkey is something that the user has. So it is not required that the
 * authenticator verifies the user.
 *
 * @throws FlowError `sign_in_expired`, `passkey_refused`, `address_unverified`, `too_many_requests`.
 */
export async function proveSecondFactorWithPasskey(
  context: Context,
  {
    credential,
    handle,
    trustBrowser = false,
  }: { credential: PasskeyAssertion; handle: string | null; trustBrowser?: boolean | undefined },
  source: RequestSource,
): Promise<SignedIn> {
  await consumeQuota(context, 'passkey', source)
  const pending = await readPendingSignIn(context, handle)
  const { hash, user, proof } = pending
  const terms = {
    purpose: 'second_factor',
    boundTo: hash,
    userId: user.id,
    mustVerifyUser: false,
  } as const
  const signedIn = await usePasskey(context, credential, terms, source, ({ methods }, record) => {
    const all = [...new Set([...proof.methods, ...methods, 'mfa'])]
    return openAfterSecondFactor(
      context,
      user,
      { ...proof, methods: all },
      source,
      async (transaction, device) => {
        if (!(await takePendingSignIn(transaction, hash))) throw new FlowError('sign_in_expired')
        await record(transaction)
        if (trustBrowser) await trustDevice(context, transaction, user.id, device)
      },
    )
  })
  if (signedIn === null) throw new FlowError('sign_in_expired')
  return signedIn
}
