import type { PasskeyCreationOptions, PasskeyRegistration } from '@sallyport/protocol/endpoints'
import {
  generateRegistrationOptions,
  type VerifiedRegistrationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import { describeDevice } from '../../mail/device-name.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import type { Database } from '../../store/database.ts'
import { addPasskey, listPasskeys, type Passkey } from '../../store/passkey.ts'
import type { StoredUser } from '../../store/user.ts'
import { authenticatorName } from './authenticator-name.ts'
import {
  type ChallengeUse,
  challengeSeconds,
  newChallenge,
  passkeyDomain,
  refusedPasskey,
  spendChallenge,
} from './passkey-challenge.ts'
import { knownTransports, maxPasskeys } from './passkey-limits.ts'
import { passkeyMethods, userHandleOf } from './use-passkey.ts'

/** The algorithms of the keys: EdDSA, ES256 and RS256 (RFC 9053, RFC 8812). */
const algorithms = [-8, -7, -257]

/** A passkey that the browser has created. It is valid, but not stored yet. */
type NewPasskey = {
  passkey: Passkey
  /** What its creation has proved, as values of the claim `amr` (RFC 8176). With `mfa` if the authenticator has verified the user. */
  methods: readonly string[]
}

/**
 * Returns the options with which a browser creates a passkey of the user. An authenticator that has one already refuses to create another
 * one.
 *
 * @throws FlowError `invalid_request` if the user has too many.
 */
export async function optionsForNewPasskey(
  context: Context,
  user: Pick<StoredUser, 'id' | 'email' | 'name'>,
  use: ChallengeUse,
  /** What the authenticator must do. `required` is for a passkey that must be able to sign in alone. */
  demand: 'preferred' | 'required' = 'preferred',
): Promise<PasskeyCreationOptions> {
  const { config, database } = context
  const passkeys = await listPasskeys(database, user.id)
  if (passkeys.length >= maxPasskeys) throw tooManyPasskeys()
  const options = await generateRegistrationOptions({
    rpName: config.productName,
    rpID: passkeyDomain(config),
    userName: user.email,
    userDisplayName: user.name,
    userID: Uint8Array.from(Buffer.from(userHandleOf(user.id, passkeys), 'base64url')),
    challenge: await newChallenge(context, use),
    timeout: challengeSeconds * 1000,
    attestationType: 'none',
    excludeCredentials: passkeys.map(({ id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: demand, userVerification: demand },
    supportedAlgorithmIDs: algorithms,
  })
  return { options: { ...options }, expiresIn: challengeSeconds }
}

/**
 * Checks a passkey that the browser has created, and uses up its challenge.
 *
 * @throws FlowError `passkey_refused`.
 */
export async function checkNewPasskey(
  context: Context,
  userId: string,
  { credential, name }: { credential: PasskeyRegistration; name?: string | undefined },
  use: ChallengeUse,
): Promise<NewPasskey> {
  const client = await spendChallenge(context, use, 'webauthn.create', credential.response.clientDataJSON)
  const info = await verified(credential, client)
  const { id, publicKey, counter } = info.credential
  const passkey: Passkey = {
    id,
    userId,
    publicKey: Buffer.from(publicKey).toString('base64url'),
    counter,
    transports: (credential.response.transports ?? []).filter((one) => knownTransports.includes(one)),
    name: name ?? authenticatorName(info.aaguid),
    aaguid: info.aaguid,
    backupEligible: info.credentialDeviceType === 'multiDevice',
    backedUp: info.credentialBackedUp,
    userVerified: info.userVerified,
    createdAt: context.clock(),
    lastUsedAt: null,
    userHandle: await importedHandleOf(context, userId),
  }
  return { passkey, methods: passkeyMethods(passkey, info.userVerified) }
}

/**
 * Adds a new passkey to an account, in the transaction of the caller. Records this, and queues a mail to the user.
 *
 * @throws FlowError `passkey_refused` if it is registered already, `invalid_request` if the user has too many.
 */
export async function addNewPasskey(
  context: Context,
  transaction: Database,
  user: StoredUser,
  passkey: Passkey,
  source: RequestSource,
  sessionId?: string,
): Promise<void> {
  await storeNewPasskey(context, transaction, passkey, source, sessionId)
  await context.mailer.queue(transaction, user.email, 'passkey_added', {
    name: nameInMail(user),
    at: context.clock(),
    device: describeDevice(source.userAgent),
  })
}

/**
 * Stores a new passkey and records this, in the transaction of the caller. Nobody gets a mail.
 *
 * @throws FlowError as {@link addNewPasskey}.
 */
export async function storeNewPasskey(
  context: Context,
  transaction: Database,
  passkey: Passkey,
  source: RequestSource,
  sessionId?: string,
): Promise<void> {
  const result = await addPasskey(transaction, passkey, maxPasskeys)
  if (result === 'full') throw tooManyPasskeys()
  if (result === 'exists') throw refusedPasskey('the passkey is registered already')
  await recordAuditEvent(context, transaction, source, {
    action: 'passkey_added',
    userId: passkey.userId,
    ...(sessionId !== undefined && { sessionId }),
  })
}

/** Returns the user handle in the options of {@link optionsForNewPasskey}, if it is not the id of the user. */
async function importedHandleOf({ database }: Context, userId: string): Promise<string | null> {
  const handle = userHandleOf(userId, await listPasskeys(database, userId))
  return handle === userHandleOf(userId, []) ? null : handle
}

type RegistrationInfo = NonNullable<VerifiedRegistrationResponse['registrationInfo']>

async function verified(
  { id, rawId, type, response, clientExtensionResults = {} }: PasskeyRegistration,
  { challenge, origin, domain }: { challenge: string; origin: string; domain: string },
): Promise<RegistrationInfo> {
  const { clientDataJSON, attestationObject } = response
  requireNoCertificates(attestationObject)
  const result = await verifyRegistrationResponse({
    response: { id, rawId, type, response: { clientDataJSON, attestationObject }, clientExtensionResults },
    expectedChallenge: challenge,
    expectedOrigin: origin,
    expectedRPID: domain,
    // Without it, the passkey can still be a second factor. A sign-in with the passkey alone requires it.
    requireUserVerification: false,
    supportedAlgorithmIDs: algorithms,
  }).catch(() => null)
  if (!result?.verified) throw refusedPasskey('the new passkey is not valid')
  const info = result.registrationInfo
  if (info.credential.id !== id) throw refusedPasskey('the id of the new passkey is not the signed one')
  return info
}

/**
 * Refuses an attestation with certificates. The options ask for none, so browsers send none. The library would parse the certificates, and
 * for some formats ask the addresses in them which certificates are revoked.
 */
function requireNoCertificates(attestationObject: string): void {
  const statement = decoded(attestationObject)
  const isPlain = statement?.fmt === 'none' || (statement?.fmt === 'packed' && !statement.hasCertificates)
  if (!isPlain) throw refusedPasskey('the attestation is not none')
}

function decoded(attestationObject: string): { fmt: string; hasCertificates: boolean } | null {
  try {
    const object = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, 'base64url')))
    return { fmt: object.get('fmt'), hasCertificates: object.get('attStmt').get('x5c') !== undefined }
  } catch {
    return null
  }
}

function tooManyPasskeys(): FlowError {
  const errors = [
    { field: 'credential', message: `You have ${maxPasskeys} passkeys already. Remove one first.` },
  ]
  return new FlowError('invalid_request', { reason: 'too many passkeys', details: { errors } })
}
