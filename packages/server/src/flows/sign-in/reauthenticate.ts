import { freshProofMs } from '@sallyport/protocol/endpoints'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import { beginPasswordCheck } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { setAuthenticated } from '../../store/session.ts'
import { findPasswordHash, lockUser } from '../../store/user.ts'
import { cancelRemovalAfterProof } from '../second-factor/cancel-removal.ts'
import { beginFactorCheck } from '../second-factor/factor-check.ts'
import { type FactorProof, methodsOf, useSecondFactor } from '../second-factor/use-second-factor.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { verifyPassword } from './password.ts'
import { factorsAskedFor, secondFactorsOf } from './second-factor-policy.ts'

/** What the user enters again: the password, and the second factor if they have one. */
type Reauthentication = {
  password?: string | undefined
  code?: string | undefined
  recoveryCode?: string | undefined
}

const missingPassword = { field: 'password', message: 'Enter your password.' }

/**
 * Checks again who the user is, before a sensitive action. For ten minutes, the session then counts as freshly authenticated. A user who
 * has a second factor must prove it, and also the password if they have one. After the password alone, the session no longer counts as
 * authenticated with two factors, also if it began with a passkey.
 *
 * @throws FlowError `invalid_request` with the field that is missing or wrong; `too_many_requests`.
 */
export async function reauthenticate(
  context: Context,
  authenticated: Authenticated,
  proofs: Reauthentication,
  source: RequestSource,
): Promise<void> {
  const { user } = authenticated
  const factor = factorProofOf(proofs)
  const hasFactor = (await secondFactorsOf(context, user.id)).length > 0
  const needsPassword = !hasFactor || (await findPasswordHash(context.database, user.id)) !== null
  const errors = [
    ...(needsPassword && proofs.password === undefined ? [missingPassword] : []),
    ...(hasFactor && factor === null
      ? [{ field: 'code', message: 'Enter a code of your authenticator app, or a recovery code.' }]
      : []),
    ...(!hasFactor && factor !== null
      ? [{ field: fieldOf(factor), message: 'You have not set up a second factor.' }]
      : []),
  ]
  if (errors.length > 0)
    throw new FlowError('invalid_request', { reason: 'a proof is missing', details: { errors } })
  if (proofs.password !== undefined) await requirePassword(context, user.id, proofs.password, source)
  if (factor !== null) return requireFactor(context, authenticated, factor, source)
  const methods = withMethods(withoutMfa(authenticated), ['pwd'])
  await inTransaction(context.database, (transaction) =>
    renewProof(context, transaction, authenticated, methods, source),
  )
}

/** Checks the second factor of a signed-in user, and records that they have just authenticated. */
async function requireFactor(
  context: Context,
  authenticated: Authenticated,
  factor: FactorProof,
  source: RequestSource,
): Promise<void> {
  const { user } = authenticated
  const attempt = await beginFactorCheck(context, user, factor, source)
  try {
    const isRight = await inTransaction(context.database, async (transaction) => {
      await lockUser(transaction, user.id)
      if (!(await useSecondFactor(context, transaction, user.id, factor, source))) return false
      await attempt.reset(transaction)
      const methods = withMethods(authenticated.session, methodsOf(factor))
      await renewProof(context, transaction, authenticated, methods, source)
      await cancelRemovalAfterProof(context, transaction, user.id, source)
      return true
    })
    if (!isRight) throw wrongFactor(factor)
  } catch (error) {
    if (!isRefusal(error)) await attempt.refund().catch(() => {})
    throw error
  }
  context.mailer.wake()
}

/** Records that a signed-in user has just authenticated with these methods. */
export async function renewProof(
  context: Context,
  transaction: Database,
  { user, session }: Authenticated,
  methods: readonly string[],
  source: RequestSource,
  details?: { method: string },
): Promise<void> {
  await setAuthenticated(transaction, session.id, { now: context.clock(), methods })
  await recordAuditEvent(context, transaction, source, {
    action: 'reauthentication',
    userId: user.id,
    sessionId: session.id,
    ...(details && { details }),
  })
}

/** Returns the methods of a session after the user has also proved these. */
export function withMethods(
  { methods }: Pick<Authenticated['session'], 'methods'>,
  more: readonly string[],
): string[] {
  return [...new Set([...methods, ...more])]
}

/** Returns the session without `mfa`, so that a check of one factor now does not count as a check of two. */
export function withoutMfa({ session }: Authenticated): Pick<Authenticated['session'], 'methods'> {
  return { methods: session.methods.filter((method) => method !== 'mfa') }
}

function factorProofOf({ code, recoveryCode }: Reauthentication): FactorProof | null {
  if (code !== undefined) return { code }
  return recoveryCode === undefined ? null : { recoveryCode }
}

function fieldOf(factor: FactorProof): 'code' | 'recoveryCode' {
  return 'code' in factor ? 'code' : 'recoveryCode'
}

/** Returns the error for a second factor that is wrong or was used before. */
export function wrongFactor(factor: FactorProof): FlowError {
  const message =
    'code' in factor
      ? 'This code is not right, or it was used before. Wait for the next one.'
      : 'This recovery code is not right, or it was used before.'
  return new FlowError('invalid_request', {
    reason: 'wrong second factor',
    details: { errors: [{ field: fieldOf(factor), message }] },
  })
}

/**
 * Checks that the user has authenticated in the last ten minutes. If the clock was set back, the time of the last check can be in the
 * future. A time that is more than ten minutes in the future is refused too, because the age of the check is then unknown.
 *
 * @throws FlowError `insufficient_user_authentication`.
 */
export function requireFreshProof(
  { clock }: Pick<Context, 'clock'>,
  { session }: Authenticated,
  details: { acr?: 'aal2' } = {},
): void {
  if (Math.abs(clock() - session.authenticatedAt) > freshProofMs) throw proofTooWeak(details)
}

/**
 * Checks that the user has authenticated in the last ten minutes, with the strongest kind of proof that they have. For a user who has a
 * second factor, these are two factors.
 *
 * @throws FlowError `insufficient_user_authentication`.
 */
export async function requireStrongProof(
  context: Pick<Context, 'clock' | 'config' | 'database'>,
  authenticated: Authenticated,
): Promise<void> {
  const { user, session } = authenticated
  if ((await factorsAskedFor(context, user)).length === 0) return requireFreshProof(context, authenticated)
  if (!session.methods.includes('mfa')) throw proofTooWeak({ acr: 'aal2' })
  requireFreshProof(context, authenticated, { acr: 'aal2' })
}

/**
 * Does the same as {@link requireStrongProof} for a user who has a second factor. Does nothing for other users. Use this before an action
 * that checks the password anyway.
 *
 * @throws FlowError `insufficient_user_authentication`.
 */
export async function requireProofOfFactor(
  context: Pick<Context, 'clock' | 'config' | 'database'>,
  authenticated: Authenticated,
): Promise<void> {
  if ((await factorsAskedFor(context, authenticated.user)).length > 0)
    await requireStrongProof(context, authenticated)
}

/**
 * Refuses a user who has a second factor, because they must prove it.
 *
 * @throws FlowError `insufficient_user_authentication`.
 */
export async function requireNoSecondFactor(
  context: Pick<Context, 'database'>,
  { id }: Pick<Authenticated['user'], 'id'>,
): Promise<void> {
  if ((await secondFactorsOf(context, id)).length > 0) throw proofTooWeak({ acr: 'aal2' })
}

/**
 * Checks that the caller is the owner of the account, before the account is deleted or gets another address. A user who has a password must
 * send it, and must have proved the second factor in the last ten minutes, if they have one. A user without a password must have
 * authenticated in the last ten minutes, with the strongest kind of proof that they have. A password that such a user sends is refused like a
 * wrong one.
 *
 * @throws FlowError `invalid_request` when the password is missing or wrong; `insufficient_user_authentication`; `too_many_requests`.
 */
export async function requireOwner(
  context: Context,
  authenticated: Authenticated,
  password: string | undefined,
  source: RequestSource,
): Promise<void> {
  const { user } = authenticated
  if (password !== undefined) {
    await requireProofOfFactor(context, authenticated)
    return requirePassword(context, user.id, password, source)
  }
  if ((await findPasswordHash(context.database, user.id)) !== null)
    throw new FlowError('invalid_request', {
      reason: 'a proof is missing',
      details: { errors: [missingPassword] },
    })
  await requireStrongProof(context, authenticated)
}

function proofTooWeak(details: { acr?: 'aal2' }): FlowError {
  return new FlowError('insufficient_user_authentication', {
    details: { ...details, maxAgeSeconds: freshProofMs / 1000 },
  })
}

/**
 * Checks the password of a signed-in user.
 *
 * @throws FlowError `invalid_request` when this is not the password of the user; `too_many_requests`.
 */
async function requirePassword(
  context: Context,
  userId: string,
  password: string,
  source: RequestSource,
): Promise<void> {
  if ((await checkPassword(context, userId, password, source)) !== null) return
  const errors = [{ field: 'password', message: 'This is not your password.' }]
  throw new FlowError('invalid_request', { reason: 'wrong password', details: { errors } })
}

/**
 * Returns the stored hash if this is the password of the user, otherwise null. The checks are throttled like sign-ins, so that a thief who
 * has a session cannot guess the password.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function checkPassword(
  context: Context,
  userId: string,
  password: string,
  source: RequestSource,
): Promise<string | null> {
  const { database } = context
  const attempt = await beginPasswordCheck(context, userId, source)
  try {
    const hash = await findPasswordHash(database, userId)
    const isRight = await verifyPassword(context, password, hash, source.signal)
    if (isRight) await attempt.reset(database)
    return isRight ? hash : null
  } catch (error) {
    if (!isRefusal(error)) await attempt.refund().catch(() => {})
    throw error
  }
}
