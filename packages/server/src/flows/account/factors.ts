import type { FactorsResponse, PlannedRemoval } from '@sallyport/protocol/endpoints'
import { describeDevice } from '../../mail/device-name.ts'
import { type AuditAction, recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { consumeUserQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { findFactorRemoval } from '../../store/factor-removal.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { countTrusted, forgetTrust } from '../../store/known-device.ts'
import { countRecoveryCodes } from '../../store/recovery-code.ts'
import { listTotp, removeTotp, renameTotp } from '../../store/totp.ts'
import { findPasswordHash, lockUser } from '../../store/user.ts'
import { newRecoveryCodes } from '../second-factor/recovery-codes.ts'
import { dropAfterRemoval, factorsOf } from '../second-factor/stored-factors.ts'
import type { Authenticated } from '../session/authenticate.ts'
import { requireStrongProof } from '../sign-in/reauthenticate.ts'
import { isSecondFactorRequired, secondFactorsOf } from '../sign-in/second-factor-policy.ts'

/**
 * Describes the second factors of a signed-in user, and whether they have a password.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function describeFactors(
  context: Context,
  { user }: Authenticated,
  source: RequestSource,
): Promise<FactorsResponse> {
  const { database, clock, config } = context
  await consumeUserQuota(context, 'listing', user.id, source)
  return {
    factors: await factorsOf(database, user.id),
    recoveryCodesLeft: await countRecoveryCodes(database, user.id),
    hasPassword: (await findPasswordHash(database, user.id)) !== null,
    isRequired: isSecondFactorRequired(context, user),
    trustedBrowsers: config.trustedBrowserSeconds === 0 ? 0 : await countTrusted(database, user.id, clock()),
    plannedRemoval: await plannedRemovalOf(database, user.id),
  }
}

/** Returns what the user may see of a planned removal. The reason that the operator has stated is only in the audit log. */
async function plannedRemovalOf(database: Database, userId: string): Promise<PlannedRemoval | null> {
  const removal = await findFactorRemoval(database, userId)
  return removal === null ? null : { id: removal.factorId, removeAt: removal.dueAt }
}

/** @throws FlowError `insufficient_user_authentication`, `not_found`, `too_many_requests`. */
export function renameFactor(
  context: Context,
  authenticated: Authenticated,
  { id, name }: { id: string; name: string },
  source: RequestSource,
): Promise<void> {
  return change(context, authenticated, source, async (transaction, record) => {
    if (!(await renameTotp(transaction, authenticated.user.id, { id, name }))) throw unknownFactor()
    await record('second_factor_renamed')
  })
}

/**
 * Removes a second factor. No browser is trusted any more. With the last one, the recovery codes are deleted.
 *
 * @throws FlowError `insufficient_user_authentication`, `not_found`, `too_many_requests`; `last_second_factor` when the policy requires
 * that the user has one.
 */
export async function removeFactor(
  context: Context,
  authenticated: Authenticated,
  id: string,
  source: RequestSource,
): Promise<void> {
  const { user } = authenticated
  await change(context, authenticated, source, async (transaction, record) => {
    const earlier = await listTotp(transaction, user.id)
    if (!earlier.some((totp) => totp.id === id)) throw unknownFactor()
    await removeTotp(transaction, user.id, id)
    const left = await dropAfterRemoval(transaction, user.id)
    if (left === 0 && isSecondFactorRequired(context, user)) throw new FlowError('last_second_factor')
    await record('second_factor_removed', { kind: 'totp' })
    await context.mailer.queue(transaction, user.email, 'second_factor_removed', {
      ...mailed(context, authenticated, source),
      left,
    })
  })
}

/**
 * Makes new recovery codes. The earlier ones do not work any more.
 *
 * @throws FlowError `insufficient_user_authentication`, `no_second_factor`, `too_many_requests`.
 */
export function makeRecoveryCodes(
  context: Context,
  authenticated: Authenticated,
  source: RequestSource,
): Promise<string[]> {
  const { user } = authenticated
  return change(context, authenticated, source, async (transaction, record) => {
    if ((await secondFactorsOf({ database: transaction }, user.id)).length === 0)
      throw new FlowError('no_second_factor')
    const codes = await newRecoveryCodes(context, transaction, user.id)
    await record('recovery_codes_made')
    await context.mailer.queue(
      transaction,
      user.email,
      'recovery_codes_made',
      mailed(context, authenticated, source),
    )
    return codes
  })
}

/**
 * Ends the trust in all browsers of the user. Needs no fresh proof, because it only makes the account safer, as the end of a session does.
 *
 * @throws FlowError `too_many_requests`.
 */
export async function forgetTrustedBrowsers(
  context: Context,
  { user, session }: Authenticated,
  source: RequestSource,
): Promise<void> {
  await consumeUserQuota(context, 'factor_change', user.id, source)
  await inTransaction(context.database, async (transaction) => {
    const browsers = await forgetTrust(transaction, user.id)
    await recordAuditEvent(context, transaction, source, {
      action: 'trusted_browsers_forgotten',
      userId: user.id,
      sessionId: session.id,
      details: { browsers },
    })
  })
}

/** Makes a change of second factors: checks the proof, counts the change, and locks the user. */
async function change<T>(
  context: Context,
  authenticated: Authenticated,
  source: RequestSource,
  work: (
    transaction: Database,
    record: (action: AuditAction, details?: Record<string, string | number>) => Promise<void>,
  ) => Promise<T>,
): Promise<T> {
  const { user, session } = authenticated
  await requireStrongProof(context, authenticated)
  await consumeUserQuota(context, 'factor_change', user.id, source)
  const result = await inTransaction(context.database, async (transaction) => {
    // Concurrent changes of the same user wait here, so that two of them cannot remove the last two factors.
    await lockUser(transaction, user.id)
    return work(transaction, (action, details) =>
      recordAuditEvent(context, transaction, source, {
        action,
        userId: user.id,
        sessionId: session.id,
        ...(details && { details }),
      }),
    )
  })
  context.mailer.wake()
  return result
}

function mailed({ clock }: Context, { user }: Authenticated, { userAgent }: RequestSource) {
  return { name: nameInMail(user), at: clock(), device: describeDevice(userAgent) }
}

function unknownFactor(): FlowError {
  return new FlowError('not_found', { reason: 'no such factor' })
}
