import { emailSchema, nameSchema, withoutInvisible } from '@sallyport/protocol'
import type { Identity } from '@sallyport/protocol/endpoints'
import type { UserFieldValues } from '../../config/user-fields.ts'
import type { OpenedProvider, ProviderUser } from '../../providers/open-provider.ts'
import { requireOwnConsent } from '../../services/ask-hook.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addIdentity, findUserByIdentity, touchIdentity } from '../../store/identity.ts'
import { addUser, findUserByEmail, type StoredUser } from '../../store/user.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { noteSignUp, tellOfSignUp } from './after-sign-up.ts'
import { beginSession, type SignInResult } from './gate.ts'
import { linkIdentity } from './link-identity.ts'
import { confirmAtProvider } from './provider-confirmation.ts'
import { type FinishedStart, refuse, takeStart } from './provider-start.ts'
import { keepProviderTokens } from './provider-tokens.ts'
import { countOutcome } from './sign-in-outcome.ts'

/**
 * The claim `amr` of a sign-in at a provider. RFC 8176 has no value for it. `fed` is the value that Microsoft uses. What the provider itself
 * says in `amr` is not used, so a second factor of the provider does not count as one of ours.
 */
const methods = ['fed'] as const

export type ProviderResult = {
  result: SignInResult | { status: 'linked'; identity: Identity } | { status: 'confirmed' }
  returnTo: string | null
}

/**
 * Finishes what the browser has begun at a provider: signs the user in, creates an account, links the provider to the account, or confirms
 * who the user is.
 *
 * @param authenticate Returns the session of the caller. It is called only for a start that belongs to a session.
 * @throws FlowError `sign_in_expired`, `provider_refused`, `provider_failed`, `identity_unverified`, `identity_unlinked`, `identity_taken`,
 * `identity_mismatch`, `provider_unconfirmed`, `sign_up_refused`, `address_unverified`, `too_many_requests`, and the errors of `authenticate`.
 */
export async function finishProvider(
  context: Context,
  request: { provider: string; callback: Readonly<Record<string, string>> },
  handle: string | null,
  authenticate: () => Promise<Authenticated>,
  source: RequestSource,
): Promise<ProviderResult> {
  return countOutcome(context.metrics.countSignIn, source, async () => {
    const { provider, details, callback } = await takeStart(context, request, handle, authenticate, source)
    const found = await provider.finish(details.redirectUrl, details, callback).catch(refuse)
    return { result: await finish(context, provider, details, found, source), returnTo: details.returnTo }
  })
}

async function finish(
  context: Context,
  provider: OpenedProvider,
  details: FinishedStart['details'],
  found: ProviderUser,
  source: RequestSource,
): Promise<ProviderResult['result']> {
  if (details.purpose === 'sign_in') return signIn(context, provider, found, source)
  if (details.purpose === 'link')
    return {
      status: 'linked',
      identity: await linkIdentity(context, provider, found, details.session, source),
    }
  await confirmAtProvider(context, provider, found, details, source)
  return { status: 'confirmed' }
}

async function signIn(
  context: Context,
  provider: OpenedProvider,
  found: ProviderUser,
  source: RequestSource,
): Promise<SignInResult> {
  const result =
    (await signInByIdentity(context, provider, found, source)) ??
    (await signUp(context, provider, found, source)) ??
    // A concurrent request has created the account for this identity.
    (await signInByIdentity(context, provider, found, source))
  if (result === null) throw unlinked()
  return result
}

/** Signs in the user of the identity. Returns null if the identity is not linked to an account. */
async function signInByIdentity(
  context: Context,
  provider: OpenedProvider,
  { issuer, subject, email, tokens }: ProviderUser,
  source: RequestSource,
): Promise<SignInResult | null> {
  const linked = await findUserByIdentity(context.database, { issuer, subject })
  if (linked === null) return null
  const { user, identityId } = linked
  const seen = {
    userId: user.id,
    email: addressOf(email),
    provider: provider.name,
    lastUsedAt: context.clock(),
  }
  const proof = { methods, unchanged: { version: user.version } }
  const result = await beginSession(context, user, proof, source, {
    // Runs in the transaction that opens the session.
    async reset(transaction) {
      if (!(await touchIdentity(transaction, identityId, seen)))
        throw new FlowError('sign_in_expired', { reason: 'the link was removed' })
      await keepProviderTokens(context, transaction, provider, identityId, tokens)
    },
  })
  if (result !== null) return result
  await recordAuditEvent(context, context.database, source, {
    action: 'sign_in',
    result: 'refused',
    userId: user.id,
    actor: 'nobody',
  })
  throw new FlowError('sign_in_expired', { reason: 'the user is disabled, or has changed' })
}

/**
 * Creates an account for an identity that nobody has. An address that has an account already is never linked: the account may belong to
 * somebody else, who has entered this address. Returns null if a concurrent request has added the identity or the address.
 *
 * @throws FlowError `identity_unverified`, `identity_unlinked`, `sign_up_refused`, `too_many_requests`.
 */
async function signUp(
  context: Context,
  provider: OpenedProvider,
  { issuer, subject, email: stated, emailVerified, name: statedName, fields, tokens }: ProviderUser,
  source: RequestSource,
): Promise<SignInResult | null> {
  const email = addressOf(stated)
  if (email === null || !emailVerified) throw new FlowError('identity_unverified')
  // The provider has verified that the address belongs to this user, so the user may learn whether it has an account.
  if ((await findUserByEmail(context.database, email)) !== null) throw unlinked()
  const user = await countOutcome(context.metrics.countSignUp, source, async () => {
    await consumeQuota(context, 'sign_up', source, email)
    const details = { email, name: nameOf(statedName, email), fields: fieldsOf(context, fields) }
    await requireOwnConsent(context, details, source)
    const { config, clock, newId, database } = context
    const now = clock()
    const user: StoredUser = {
      ...details,
      id: newId(),
      roles: config.defaultRoles,
      version: 0,
      createdAt: now,
      updatedAt: now,
      signedInAt: null,
      disabledAt: null,
      emailVerifiedAt: now,
      deleteAt: null,
    }
    const times = { createdAt: now, lastUsedAt: now }
    const about = { provider: provider.name }
    const identity = { issuer, subject, id: newId(), userId: user.id, ...about, email, ...times }
    const isAdded = await inTransaction(database, async (transaction) => {
      if (!(await addUser(transaction, user, null))) return false
      // Throwing removes the user again.
      if (!(await addIdentity(transaction, identity))) throw new IdentityTaken()
      await keepProviderTokens(context, transaction, provider, identity.id, tokens)
      await noteSignUp(context, transaction, user.id)
      await recordAuditEvent(context, transaction, source, {
        action: 'sign_up',
        userId: user.id,
        details: about,
      })
      return true
    }).catch((error: unknown) => {
      if (error instanceof IdentityTaken) return false
      throw error
    })
    return isAdded ? user : null
  })
  if (user === null) return null
  tellOfSignUp(context, user)
  const result = await beginSession(context, user, { methods, unchanged: { version: user.version } }, source)
  // The user was disabled between two statements of this request. The account exists, but there is no session.
  if (result === null) throw new FlowError('sign_in_expired', { reason: 'the user has changed' })
  return result
}

class IdentityTaken extends Error {}

function unlinked(): FlowError {
  return new FlowError('identity_unlinked')
}

function addressOf(email: string | null): string | null {
  return emailSchema.safeParse(email).data ?? null
}

/** Returns the name of a new account. If the provider sent no usable name, returns the first part of the address. */
function nameOf(stated: string | null, email: string): string {
  const [local = email] = email.split('@')
  return nameSchema.safeParse(withoutInvisible(stated ?? '').slice(0, 100)).data ?? local.slice(0, 100)
}

/**
 * Returns the user fields of a new account. The rules are those of a sign-up, so a required field must be in the profile.
 *
 * @throws FlowError `sign_up_refused`.
 */
function fieldsOf({ config }: Context, fields: UserFieldValues = {}): UserFieldValues {
  const schema = config.userFields.atSignUp
  if (schema === null) return {}
  const parsed = schema.safeParse(fields)
  if (parsed.success) return parsed.data
  throw new FlowError('sign_up_refused', { reason: 'a user field is missing or wrong in the profile' })
}
