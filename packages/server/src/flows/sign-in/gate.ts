import type { User } from '@sallyport/protocol'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { type Attempt, consumeQuota } from '../../services/throttles.ts'
import { toUser } from '../../services/to-user.ts'
import { sendVerification } from '../../services/verification-mail.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { openSession, type StoredSession } from '../../store/session.ts'
import type { StoredUser } from '../../store/user.ts'
import { setDeletion } from '../../store/user-deletion.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { cancelRemovalAfterProof } from '../second-factor/cancel-removal.ts'
import { type AddedClaims, addedClaims } from '../session/added-claims.ts'
import { deviceOf, welcomeDevice } from '../session/devices.ts'
import { type IssuedTokens, issueTokens } from '../session/issue-tokens.ts'
import { holdSignIn, type PendingSignIn, type Proof } from './pending-sign-in.ts'
import { missingFactor } from './second-factor-policy.ts'

export type SignedIn = { status: 'signed_in'; user: User; tokens: IssuedTokens }
/** The result of a sign-in: either a session, or a sign-in that needs a second factor first. */
export type SignInResult = SignedIn | PendingSignIn

/** Returns the proof of a password that was checked against this hash. */
export function byPassword(passwordHash: string): Proof {
  return { methods: ['pwd'], unchanged: { passwordHash } }
}

/**
 * The gate: every sign-in calls it, whatever the user has proved. Opens a session and issues its first tokens. If a second factor is
 * missing, opens no session, and returns a pending sign-in. Returns null if the proof is no longer valid, or if the user is disabled.
 *
 * @throws FlowError `address_unverified`.
 */
export async function beginSession(
  context: Context,
  user: StoredUser,
  proof: Proof,
  source: RequestSource,
  attempt?: Pick<Attempt, 'reset'>,
): Promise<SignInResult | null> {
  if (user.disabledAt !== null) return null
  await requireVerifiedAddress(context, user, source, attempt)
  const missing = await missingFactor(context, user, proof.methods, source)
  if (missing !== null) return holdSignIn(context, user, proof, missing, source, attempt)
  return openFor(context, user, proof, source, async (transaction) => {
    await attempt?.reset(transaction)
  })
}

/**
 * Opens a session for a pending sign-in after the user has proved the second factor. `use` checks the factor and uses it up, in the
 * transaction that opens the session. If it throws, no session is opened. Only `second-factor.ts` may call this function.
 */
export async function openAfterSecondFactor(
  context: Context,
  user: StoredUser,
  proof: Proof,
  source: RequestSource,
  use: (transaction: Database, device: string) => Promise<void>,
): Promise<SignedIn | null> {
  if (user.disabledAt !== null) return null
  await requireVerifiedAddress(context, user, source, undefined)
  return openFor(context, user, proof, source, use)
}

async function openFor(
  context: Context,
  user: StoredUser,
  { methods, unchanged }: Proof,
  source: RequestSource,
  alongside: (transaction: Database, device: string) => Promise<void>,
): Promise<SignedIn | null> {
  const { config, clock, newId, newSalt, database } = context
  const id = newId()
  // Call the hook before the session is stored. If the hook failed afterwards, there would be a session without tokens.
  const added = await claimsOrEvent(context, user, id, source)
  const now = clock()
  const device = deviceOf(context, source)
  const session: StoredSession = {
    id,
    userId: user.id,
    salt: newSalt(),
    generation: 0,
    parentBranch: -1,
    branches: 1,
    openedAt: now,
    methods: [...methods],
    authenticatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + config.sessionAbsoluteSeconds * 1000,
    endedAt: null,
    endReason: null,
    idleSeconds: config.sessionIdleSeconds,
    address: source.address,
    userAgent: source.userAgent,
  }
  const open = () =>
    openSession(database, session, unchanged, async (transaction, { deleteAt }) => {
      const about = { userId: user.id, sessionId: session.id }
      await recordAuditEvent(context, transaction, source, { action: 'sign_in', ...about })
      await welcomeDevice(context, transaction, user, device, source)
      if (methods.includes('mfa')) await cancelRemovalAfterProof(context, transaction, user.id, source)
      await alongside(transaction, device)
      if (deleteAt === null) return
      // If the account is marked for deletion and not deleted yet, this sign-in cancels the deletion.
      await setDeletion(transaction, user.id, null)
      await recordAuditEvent(context, transaction, source, { action: 'account_kept', ...about })
    })
  if (!(await inSpan('sallyport.open_session', open))) return null
  context.mailer.wake()
  const tokens = issueTokens(context, session, user, { generation: 0, branch: 0 }, added)
  return { status: 'signed_in', user: toUser(config, user), tokens: { ...tokens, device } }
}

/** Asks the app for more claims. If this fails, the sign-in is recorded as refused, although the user has proved who they are. */
function claimsOrEvent(
  context: Context,
  user: StoredUser,
  sessionId: string,
  source: RequestSource,
): Promise<AddedClaims> {
  return addedClaims(context, user, sessionId).catch(async (error: unknown) => {
    await recordAuditEvent(context, context.database, source, {
      action: 'sign_in',
      result: 'refused',
      userId: user.id,
      details: { reason: 'claims' },
    })
    throw error
  })
}

/**
 * Refuses a user whose address must be verified before the sign-in. The account may be older than this setting, or it was imported. The
 * user has proved who they are, so this reveals nothing. Mails a new link, unless too many were requested.
 *
 * @throws FlowError `address_unverified`.
 */
async function requireVerifiedAddress(
  context: Context,
  user: StoredUser,
  source: RequestSource,
  attempt: Pick<Attempt, 'reset'> | undefined,
): Promise<void> {
  const { config, database, mailer } = context
  if (config.emailVerification !== 'sign-in' || user.emailVerifiedAt !== null) return
  const mayMail = await consumeQuota(context, 'mail', source, user.email).then(
    () => true,
    (error: unknown) => {
      if (error instanceof FlowError && error.code === 'too_many_requests') return false
      throw error
    },
  )
  await inTransaction(database, async (transaction) => {
    if (mayMail) await sendVerification(context, transaction, user, source)
    await recordAuditEvent(context, transaction, source, {
      action: 'sign_in',
      result: 'refused',
      userId: user.id,
      details: { reason: 'address' },
    })
    // The password was right.
    await attempt?.reset(transaction)
  })
  mailer.wake()
  throw new FlowError('address_unverified')
}

/**
 * Opens a session after a mailed link was used. If tokens cannot be issued now, returns null and does not throw. After an error, the user
 * would try the link again, but the link no longer works. After null, the user can sign in with the password.
 */
export async function beginSessionIfPossible(
  ...[context, user, proof, source]: Parameters<typeof beginSession>
): Promise<SignInResult | null> {
  try {
    return await beginSession(context, user, proof, source)
  } catch (error) {
    if (error instanceof FlowError && error.code === 'unavailable') return null
    throw error
  }
}
