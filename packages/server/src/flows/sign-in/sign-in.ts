import { emailSchema } from '@sallyport/protocol'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import { type Attempt, beginSignIn } from '../../services/throttles.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { findUserByEmail, upgradePasswordHash } from '../../store/user.ts'
import { knowsDevice } from '../session/devices.ts'
import { beginSession, byPassword, type SignInResult } from './gate.ts'
import { betterHash, requireCapacity, verifyPassword } from './password.ts'
import { countOutcome } from './sign-in-outcome.ts'

type Credentials = { email: string; password: string }

/** Signs in. If the address is malformed or unknown, or if the password is wrong, the work and the response are the same. */
export async function signIn(
  context: Context,
  credentials: Credentials,
  source: RequestSource,
): Promise<SignInResult> {
  return countOutcome(context.metrics.countSignIn, source, () => throttled(context, credentials, source))
}

async function throttled(
  context: Context,
  { email, password }: Credentials,
  source: RequestSource,
): Promise<SignInResult> {
  requireCapacity(context)
  const address = emailSchema.safeParse(email).data ?? null
  const user = await findByAddress(context, address)
  const isKnownDevice = await knowsDevice(context, user?.id ?? null, source)
  const attempt = await beginSignIn(context, { email: address ?? email, isKnownDevice }, source)
  try {
    const result =
      (await tryPassword(context, user, password, source, attempt)) ??
      // The stored hash has changed during the check, because the password was changed or because another sign-in replaced the hash. Try
      // once more.
      (await tryPassword(context, await findByAddress(context, address), password, source, attempt))
    if (result !== null) return result
    return await refuse(context, user?.id ?? null, source, attempt)
  } catch (error) {
    // A full queue or an error does not mean that the password was wrong, so the try is removed from the count. If the database is
    // unavailable, it cannot be removed.
    if (!isRefusal(error)) await attempt.refund().catch(() => {})
    throw error
  }
}

type Found = Awaited<ReturnType<typeof findUserByEmail>>

function findByAddress({ database }: Context, address: string | null): Promise<Found> {
  return address === null ? Promise.resolve(null) : findUserByEmail(database, address)
}

/**
 * Throws if the password is wrong. Returns null if the password was right, but the stored hash has changed since the check or the user is
 * disabled.
 */
async function tryPassword(
  context: Context,
  user: Found,
  password: string,
  source: RequestSource,
  attempt: Attempt,
): Promise<SignInResult | null> {
  const stored = user?.passwordHash ?? null
  const isRight = await verifyPassword(context, password, stored, source.signal)
  if (user === null || stored === null || !isRight) return refuse(context, user?.id ?? null, source, attempt)
  const better = await betterHash(context, password, stored)
  const hash =
    better !== null && (await upgradePasswordHash(context.database, user.id, stored, better))
      ? better
      : stored
  return beginSession(context, user, byPassword(hash), source, attempt)
}

/**
 * Records the refusal in the audit log. This also happens for an unknown account, so that the response time does not show whether the
 * account exists.
 */
async function refuse(
  context: Context,
  userId: string | null,
  source: RequestSource,
  { isLast }: Attempt,
): Promise<never> {
  const about = { result: 'refused', userId, actor: 'nobody' } as const
  await inTransaction(context.database, async (transaction) => {
    await recordAuditEvent(context, transaction, source, { action: 'sign_in', ...about })
    if (isLast) await recordAuditEvent(context, transaction, source, { action: 'account_locked', ...about })
  })
  throw new FlowError('invalid_credentials')
}
