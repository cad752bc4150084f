import type { PasskeyAssertion } from '@sallyport/protocol/endpoints'
import { type VerifiedAuthenticationResponse, verifyAuthenticationResponse } from '@simplewebauthn/server'
import { describeDevice } from '../../mail/device-name.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { consumeQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { findPasskey, type Passkey, recordPasskeyUse } from '../../store/passkey.ts'
import { findUserById, type StoredUser } from '../../store/user.ts'
import { type ChallengeUse, refusedPasskey, spendChallenge } from './passkey-challenge.ts'

/** What the answer of a passkey must meet. */
export type PasskeyTerms = ChallengeUse & {
  /** The user to whom the passkey must belong. Null for a sign-in: then the passkey says who the user is. */
  userId: string | null
  /** Whether the authenticator must have verified the user, for example with a PIN or a fingerprint. */
  mustVerifyUser: boolean
}

/** A passkey whose answer was right. */
export type ProvenPasskey = {
  user: StoredUser
  /** What was proved, as values of the claim `amr` (RFC 8176). With `mfa` if the authenticator has verified the user. */
  methods: readonly string[]
}

/**
 * Checks the answer of a passkey, and calls `work`. In its transaction, `work` must call `record`, which stores the use of the passkey and
 * throws if the passkey was removed or copied. Then the whole transaction is undone.
 *
 * @throws FlowError `passkey_refused`.
 */
export async function usePasskey<T>(
  context: Context,
  assertion: PasskeyAssertion,
  terms: PasskeyTerms,
  source: RequestSource,
  work: (proven: ProvenPasskey, record: (transaction: Database) => Promise<void>) => Promise<T>,
): Promise<T> {
  const { database, clock } = context
  const client = await spendChallenge(context, terms, 'webauthn.get', assertion.response.clientDataJSON)
  const passkey = await findPasskey(database, assertion.id)
  const user = passkey === null ? null : await findUserById(database, passkey.userId)
  if (passkey === null || user === null) throw unknownPasskey()
  if (terms.userId !== null && terms.userId !== user.id) throw refusedPasskey('the passkey of another user')
  requireUserHandle(assertion, passkey, terms.userId === null)
  const { newCounter: counter, credentialBackedUp, userVerified } = await verified(assertion, passkey, client)
  if (terms.mustVerifyUser && !userVerified) throw refusedPasskey('the user was not verified')
  const methods = passkeyMethods(passkey, userVerified)
  let isCounted = true
  try {
    return await work({ user, methods }, async (transaction) => {
      const use = { id: passkey.id, userId: user.id, counter, backedUp: credentialBackedUp, now: clock() }
      isCounted = await recordPasskeyUse(transaction, use)
      if (!isCounted) throw refusedPasskey('the passkey was removed, or its counter has not grown')
    })
  } catch (error) {
    if (!isCounted) await reportCopy(context, passkey.id, user, source)
    throw error
  }
}

/**
 * Returns the refusal of a passkey that is not stored here. It says so, because the browser then stops offering the passkey
 * (`signalUnknownCredential`). Ids of passkeys are random, so this reveals nothing about accounts.
 */
function unknownPasskey(): FlowError {
  const errors = [
    { field: 'credential.id', message: 'This passkey is not known here. It may have been removed.' },
  ]
  return new FlowError('passkey_refused', { reason: 'the passkey is unknown', details: { errors } })
}

/**
 * Returns the user handle of a user, base64url: the id under which authenticators store the user. It contains nothing personal. All passkeys
 * of a user have the same one. For imported passkeys, it is the one of the server from which they come.
 */
export function userHandleOf(userId: string, passkeys: readonly Passkey[]): string {
  const imported = passkeys.find(({ userHandle }) => userHandle !== null)?.userHandle
  return imported ?? Buffer.from(userId, 'utf8').toString('base64url')
}

/** Returns the values of `amr` (RFC 8176): a hardware key cannot leave its device, and a backed-up passkey is a software key. */
export function passkeyMethods({ backupEligible }: Passkey, userVerified: boolean): string[] {
  return [backupEligible ? 'swk' : 'hwk', 'user', ...(userVerified ? ['mfa'] : [])]
}

/** Checks which user the authenticator has stored with the passkey (Web Authentication section 7.2, step 6). */
function requireUserHandle({ response }: PasskeyAssertion, passkey: Passkey, isNeeded: boolean): void {
  const handle = response.userHandle ?? null
  const expected = userHandleOf(passkey.userId, [passkey])
  if (handle === null ? isNeeded : handle !== expected)
    throw refusedPasskey('the passkey names another user, or none')
}

async function verified(
  { id, rawId, type, response, clientExtensionResults = {} }: PasskeyAssertion,
  passkey: Passkey,
  { challenge, origin, domain }: { challenge: string; origin: string; domain: string },
): Promise<VerifiedAuthenticationResponse['authenticationInfo']> {
  const { clientDataJSON, authenticatorData, signature } = response
  const result = await verifyAuthenticationResponse({
    response: {
      id,
      rawId,
      type,
      response: { clientDataJSON, authenticatorData, signature },
      clientExtensionResults,
    },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: domain,
    credential: {
      id: passkey.id,
      publicKey: Uint8Array.from(Buffer.from(passkey.publicKey, 'base64url')),
      // The library checks the counter before the signature, so anybody could make a passkey look like a copy. `record` checks it.
      counter: 0,
    },
    // The terms decide whether this is needed.
    requireUserVerification: false,
  }).catch(() => null)
  if (!result?.verified) throw refusedPasskey('the signature or the signed data are not valid')
  const isEligible = result.authenticationInfo.credentialDeviceType === 'multiDevice'
  // Whether a passkey can be backed up never changes (Web Authentication section 6.1.3).
  if (isEligible !== passkey.backupEligible) throw refusedPasskey('the backup eligibility has changed')
  return result.authenticationInfo
}

/**
 * Records that a passkey may have been copied: its counter has not grown (Web Authentication section 6.1.1). Mails the user, unless too many
 * mails were requested. If the passkey was removed in the meantime, does nothing.
 */
async function reportCopy(
  context: Context,
  id: string,
  user: StoredUser,
  source: RequestSource,
): Promise<void> {
  const { clock, database, mailer } = context
  const passkey = await findPasskey(database, id)
  if (passkey === null) return
  const mayMail = await consumeQuota(context, 'mail', source, user.email).then(
    () => true,
    (error: unknown) => {
      if (error instanceof FlowError && error.code === 'too_many_requests') return false
      throw error
    },
  )
  await inTransaction(database, async (transaction) => {
    await recordAuditEvent(context, transaction, source, {
      action: 'passkey_copied',
      result: 'refused',
      userId: user.id,
      actor: 'nobody',
      details: { passkey: passkey.name },
    })
    if (!mayMail) return
    await mailer.queue(transaction, user.email, 'passkey_copied', {
      name: nameInMail(user),
      at: clock(),
      device: describeDevice(source.userAgent),
    })
  })
  mailer.wake()
}
