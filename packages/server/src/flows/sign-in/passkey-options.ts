import type { PasskeyRequestOptions } from '@sallyport/protocol/endpoints'
import { generateAuthenticationOptions } from '@simplewebauthn/server'
import type { Context } from '../../services/context.ts'
import { listPasskeys } from '../../store/passkey.ts'
import {
  type ChallengeUse,
  challengeSeconds,
  newChallenge,
  passkeyDomain,
  refusedPasskey,
} from './passkey-challenge.ts'

/**
 * Returns the options with which a browser asks for any passkey of this site. They contain no ids of passkeys, so they are the same for
 * everybody.
 */
export async function optionsForAnyPasskey(
  context: Context,
  use: ChallengeUse,
): Promise<PasskeyRequestOptions> {
  const options = await generateAuthenticationOptions({
    rpID: passkeyDomain(context.config),
    challenge: await newChallenge(context, use),
    userVerification: 'required',
    timeout: challengeSeconds * 1000,
  })
  return { options: { ...options }, expiresIn: challengeSeconds }
}

/**
 * Returns the options with which a browser asks for a passkey of this user.
 *
 * @throws FlowError `passkey_refused` if the user has none.
 */
export async function optionsForPasskeyOf(
  context: Context,
  userId: string,
  use: ChallengeUse,
  userVerification: 'required' | 'preferred',
): Promise<PasskeyRequestOptions> {
  const passkeys = await listPasskeys(context.database, userId)
  // With an empty list, the browser would offer every passkey of the site.
  if (passkeys.length === 0) throw refusedPasskey('the user has no passkey')
  const options = await generateAuthenticationOptions({
    rpID: passkeyDomain(context.config),
    challenge: await newChallenge(context, use),
    allowCredentials: passkeys.map(({ id, transports }) => ({ id, transports })),
    userVerification,
    timeout: challengeSeconds * 1000,
  })
  return { options: { ...options }, expiresIn: challengeSeconds }
}
