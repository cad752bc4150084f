import type { PasskeyAssertion, PasskeyRequestOptions } from '@sallyport/protocol/endpoints'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { findPasskey } from '../../store/passkey.ts'
import { newOneTimeSecret, oneTimeHash } from '../../tokens/one-time-secret.ts'
import { beginSession, type SignInResult } from './gate.ts'
import { refusedPasskey } from './passkey-challenge.ts'
import { optionsForAnyPasskey } from './passkey-options.ts'
import { countOutcome } from './sign-in-outcome.ts'
import { usePasskey } from './use-passkey.ts'

/**
 * Begins a sign-in with a passkey. Returns the options for the browser, and the handle with which it must answer. If the browser has a
 * handle already, the handle stays the same, so that two tabs do not disturb each other. Each challenge is a new one.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function startPasskeySignIn(
  context: Context,
  handle: string | null,
  source: RequestSource,
): Promise<PasskeyRequestOptions & { handle: string }> {
  await consumeQuota(context, 'passkey', source)
  const given = handle === null ? null : oneTimeHash(handle)
  const { secret, hash } =
    handle !== null && given !== null
      ? { secret: handle, hash: given }
      : newOneTimeSecret(context.randomBytes)
  return { ...(await optionsForAnyPasskey(context, { purpose: 'sign_in', boundTo: hash })), handle: secret }
}

/**
 * Signs in with a passkey. The authenticator must have verified the user, so that the passkey counts as two factors.
 *
 * @throws FlowError `passkey_refused`, `address_unverified`, `too_many_requests`.
 */
export function signInWithPasskey(
  context: Context,
  { credential, handle }: { credential: PasskeyAssertion; handle: string | null },
  source: RequestSource,
): Promise<SignInResult> {
  return countOutcome(context.metrics.countSignIn, source, async () => {
    await consumeQuota(context, 'passkey', source)
    try {
      return await signIn(context, credential, handle, source)
    } catch (error) {
      if (error instanceof FlowError && error.code === 'passkey_refused')
        await recordRefusal(context, credential.id, source)
      throw error
    }
  })
}

async function signIn(
  context: Context,
  credential: PasskeyAssertion,
  handle: string | null,
  source: RequestSource,
): Promise<SignInResult> {
  const boundTo = handle === null ? null : oneTimeHash(handle)
  if (boundTo === null) throw refusedPasskey('the browser has not asked for a challenge')
  const terms = { purpose: 'sign_in', boundTo, userId: null, mustVerifyUser: true } as const
  return usePasskey(context, credential, terms, source, async ({ user, methods }, record) => {
    const proof = { methods, unchanged: { version: user.version } }
    const result = await beginSession(context, user, proof, source, { reset: record })
    if (result === null) throw refusedPasskey('the user is disabled or was changed')
    return result
  })
}

async function recordRefusal(context: Context, id: string, source: RequestSource): Promise<void> {
  const passkey = await findPasskey(context.database, id)
  await recordAuditEvent(context, context.database, source, {
    action: 'sign_in',
    result: 'refused',
    userId: passkey?.userId ?? null,
    actor: 'nobody',
    details: { reason: 'passkey' },
  })
}
