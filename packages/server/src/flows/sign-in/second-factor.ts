import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import { type Attempt, consumeQuota, consumeUserQuota } from '../../services/throttles.ts'
import type { Database } from '../../store/database.ts'
import { takePendingSignIn } from '../../store/pending-sign-in.ts'
import { confirmTotp, firstStepOf } from '../second-factor/confirm-totp.ts'
import { beginFactorCheck } from '../second-factor/factor-check.ts'
import { type NewTotp, startTotp } from '../second-factor/start-totp.ts'
import {
  type FactorProof,
  isSecondFactor,
  methodsOf,
  useSecondFactor,
} from '../second-factor/use-second-factor.ts'
import { trustDevice } from '../session/devices.ts'
import { openAfterSecondFactor, type SignedIn } from './gate.ts'
import { type PendingSignIn, readPendingSignIn } from './pending-sign-in.ts'
import { wrongFactor } from './reauthenticate.ts'
import { type Missing, missingFactor } from './second-factor-policy.ts'

/**
 * Returns what a pending sign-in still needs.
 *
 * @throws FlowError `sign_in_expired`, `too_many_requests`.
 */
export async function describePendingSignIn(
  context: Context,
  handle: string | null,
  source: RequestSource,
): Promise<Omit<PendingSignIn, 'handle'>> {
  const { user, proof, expiresIn } = await readOrCount(context, handle, source)
  const { trustedBrowserSeconds } = context.config
  return { ...(await stillMissing(context, user, proof.methods)), expiresIn, trustedBrowserSeconds }
}

/**
 * Finishes a sign-in with the user's second factor. A factor that was used, or that came too late, opens no session.
 *
 * @throws FlowError `sign_in_expired`; `invalid_request` when the code is wrong, and the sign-in can then be continued;
 * `too_many_requests`.
 */
export async function proveSecondFactor(
  context: Context,
  handle: string | null,
  { proof: given, trustBrowser = false }: { proof: FactorProof; trustBrowser?: boolean | undefined },
  source: RequestSource,
): Promise<SignedIn> {
  const { hash, user, proof } = await readPendingSignIn(context, handle)
  const attempt = await beginFactorCheck(context, user, given, source)
  const methods = [...new Set([...proof.methods, ...methodsOf(given)])]
  return finish(context, user.id, attempt, source, async () => {
    // The app's hook for claims is called before the transaction, and must not be called for a wrong code.
    if (!(await isSecondFactor(context, user.id, given))) throw wrongFactor(given)
    return openAfterSecondFactor(
      context,
      user,
      { ...proof, methods },
      source,
      async (transaction, device) => {
        await take(transaction, hash)
        if (!(await useSecondFactor(context, transaction, user.id, given, source))) throw wrongFactor(given)
        if (trustBrowser) await trustDevice(context, transaction, user.id, device)
        await attempt.reset(transaction)
      },
    )
  })
}

/**
 * Begins to set up the second factor that a sign-in requires. If the user has a second factor already, it must be proved instead.
 *
 * @throws FlowError `sign_in_expired`, `too_many_requests`.
 */
export async function startSecondFactor(
  context: Context,
  handle: string | null,
  source: RequestSource,
): Promise<NewTotp> {
  const { user, proof } = await readOrCount(context, handle, source)
  await consumeUserQuota(context, 'factor_change', user.id, source)
  await requireSetup(context, user, proof.methods)
  return startTotp(context, user)
}

/**
 * Confirms the second factor that a sign-in requires, and finishes the sign-in.
 *
 * @throws FlowError as `proveSecondFactor`.
 */
export async function finishSecondFactor(
  context: Context,
  handle: string | null,
  given: { id: string; code: string; name?: string | undefined },
  source: RequestSource,
): Promise<SignedIn & { recoveryCodes: string[] }> {
  const { hash, user, proof } = await readPendingSignIn(context, handle)
  const attempt = await beginFactorCheck(context, user, given, source)
  const methods = [...new Set([...proof.methods, ...methodsOf(given)])]
  let recoveryCodes: string[] = []
  const signedIn = await finish(context, user.id, attempt, source, async () => {
    // As in `proveSecondFactor`: no hook is called for a wrong code. The transaction checks all this again.
    await requireSetup(context, user, proof.methods)
    if ((await firstStepOf(context, context.database, user.id, given)) === null) throw wrongFactor(given)
    return openAfterSecondFactor(context, user, { ...proof, methods }, source, async (transaction) => {
      await take(transaction, hash)
      // If the user has a second factor by now, it must be proved. Otherwise somebody who only knows the password could add another one.
      await requireSetup({ ...context, database: transaction }, user, proof.methods)
      const confirmed = await confirmTotp(context, transaction, user.id, given, source)
      if (confirmed === null) throw wrongFactor(given)
      recoveryCodes = confirmed.recoveryCodes ?? []
      await attempt.reset(transaction)
    })
  })
  return { ...signedIn, recoveryCodes }
}

/**
 * Reads a pending sign-in. Only requests without a valid handle are counted. Otherwise many users of one network could not open the page for
 * the second factor.
 *
 * @throws FlowError `sign_in_expired`, `too_many_requests`.
 */
function readOrCount(
  context: Context,
  handle: string | null,
  source: RequestSource,
): ReturnType<typeof readPendingSignIn> {
  return readPendingSignIn(context, handle).catch(async (error) => {
    if (isRefusal(error)) await consumeQuota(context, 'pending_sign_in', source)
    throw error
  })
}

/** Returns what is missing now. A pending sign-in that lacks nothing any more cannot be continued: the user must sign in again. */
async function stillMissing(
  context: Context,
  user: Parameters<typeof missingFactor>[1],
  methods: readonly string[],
): Promise<Missing> {
  const missing = await missingFactor(context, user, methods, null)
  if (missing === null) throw new FlowError('sign_in_expired')
  return missing
}

/** @throws FlowError `sign_in_expired` if the user has a second factor, which must be proved instead. */
export async function requireSetup(
  ...[context, user, methods]: Parameters<typeof stillMissing>
): Promise<void> {
  const { status } = await stillMissing(context, user, methods)
  if (status !== 'second_factor_setup_required') throw new FlowError('sign_in_expired')
}

/** Uses up a pending sign-in, in the transaction that opens the session. */
async function take(transaction: Database, hash: string): Promise<void> {
  if (!(await takePendingSignIn(transaction, hash))) throw new FlowError('sign_in_expired')
}

async function finish(
  context: Context,
  userId: string,
  attempt: Attempt,
  source: RequestSource,
  open: () => Promise<SignedIn | null>,
): Promise<SignedIn> {
  try {
    const signedIn = await open()
    if (signedIn === null) throw new FlowError('sign_in_expired')
    return signedIn
  } catch (error) {
    if (error instanceof FlowError && error.code === 'invalid_request')
      await recordAuditEvent(context, context.database, source, {
        action: 'sign_in',
        result: 'refused',
        userId,
        actor: 'nobody',
        details: { reason: 'second factor' },
      })
    // An error does not mean that the code was wrong. If the database is unavailable, the try cannot be removed from the count.
    else if (!isRefusal(error)) await attempt.refund().catch(() => {})
    throw error
  }
}
