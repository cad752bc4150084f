import type { Passkey, PasskeyCreationOptions, PasskeyRegistration } from '@sallyport/protocol/endpoints'
import {
  generateRegistrationOptions,
  type VerifiedRegistrationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { decodeAttestationObject } from '@simplewebauthn/server/helpers'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addPasskey, listPasskeys } from '../../store/passkey.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { authenticatorName } from '../sign-in/authenticator-name.ts'
import {
  challengeSeconds,
  newChallenge,
  passkeyDomain,
  refusedPasskey,
  spendChallenge,
} from '../sign-in/passkey-challenge.ts'
import { knownTransports, maxPasskeys } from '../sign-in/passkey-limits.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'
import { userHandleOf } from '../sign-in/use-passkey.ts'
import { recordPasskeyChange, shownPasskey } from './passkeys.ts'

/** The algorithms of the keys: EdDSA, ES256 and RS256 (RFC 9053, RFC 8812). */
const algorithms = [-8, -7, -257]

/**
 * Returns the options with which a browser creates a passkey of the user. An authenticator that has one already refuses to create another
 * one.
 *
 * @throws FlowError `insufficient_user_authentication`, `invalid_request` if the user has too many, `too_many_requests`.
 */
export async function startPasskey(
  context: Context,
  authenticated: Authenticated,
  source: RequestSource,
): Promise<PasskeyCreationOptions> {
  await requireStrongProof(context, authenticated)
  const { config, database } = context
  const { user, session } = authenticated
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  const passkeys = await listPasskeys(database, user.id)
  if (passkeys.length >= maxPasskeys) throw tooManyPasskeys()
  const options = await generateRegistrationOptions({
    rpName: config.productName,
    rpID: passkeyDomain(config),
    userName: user.email,
    userDisplayName: user.name,
    userID: Uint8Array.from(Buffer.from(userHandleOf(user.id, passkeys), 'base64url')),
    challenge: await newChallenge(context, { purpose: 'register', boundTo: session.id }),
    timeout: challengeSeconds * 1000,
    attestationType: 'none',
    excludeCredentials: passkeys.map(({ id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
    supportedAlgorithmIDs: algorithms,
  })
  return { options: { ...options }, expiresIn: challengeSeconds }
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
  { credential, name }: { credential: PasskeyRegistration; name?: string | undefined },
  source: RequestSource,
): Promise<Passkey> {
  await requireStrongProof(context, authenticated)
  const { clock, database, mailer } = context
  const { user, session } = authenticated
  await consumeUserQuota(context, 'own_passkey', user.id, source)
  const use = { purpose: 'register', boundTo: session.id } as const
  const client = await spendChallenge(context, use, 'webauthn.create', credential.response.clientDataJSON)
  const info = await verified(credential, client)
  const { id, publicKey, counter } = info.credential
  const passkey = {
    id,
    userId: user.id,
    publicKey: Buffer.from(publicKey).toString('base64url'),
    counter,
    transports: (credential.response.transports ?? []).filter((one) => knownTransports.includes(one)),
    name: name ?? authenticatorName(info.aaguid),
    aaguid: info.aaguid,
    backupEligible: info.credentialDeviceType === 'multiDevice',
    backedUp: info.credentialBackedUp,
    userVerified: info.userVerified,
    createdAt: clock(),
    lastUsedAt: null,
    userHandle: await importedHandleOf(context, user.id),
  }
  await inTransaction(database, async (transaction) => {
    const result = await addPasskey(transaction, passkey, maxPasskeys)
    if (result === 'full') throw tooManyPasskeys()
    if (result === 'exists') throw refusedPasskey('the passkey is registered already')
    await recordPasskeyChange(context, transaction, authenticated, source, 'passkey_added')
  })
  mailer.wake()
  return shownPasskey(passkey)
}

/** Returns the user handle in the options of {@link startPasskey}, if it is not the id of the user. */
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
