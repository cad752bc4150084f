import { describeDevice } from '../../mail/device-name.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import type { Database } from '../../store/database.ts'
import { findUnconfirmedTotp, hasTotp, markTotpConfirmed } from '../../store/totp.ts'
import { findUserById } from '../../store/user.ts'
import { cancelRemovalAfterProof } from './cancel-removal.ts'
import { newRecoveryCodes } from './recovery-codes.ts'
import { unconfirmedTotpMs } from './start-totp.ts'
import { stepsOf } from './totp-steps.ts'

/**
 * Confirms an authenticator app with its first code, in the transaction of the caller, which must have locked the user. Returns null if the
 * code is wrong, or if there is no such app to confirm. If this is the first second factor of the user, also makes recovery codes.
 */
export async function confirmTotp(
  context: Context,
  transaction: Database,
  userId: string,
  { id, code, name }: { id: string; code: string; name?: string | undefined },
  source: RequestSource | null = null,
): Promise<{ recoveryCodes: string[] | null } | null> {
  const now = context.clock()
  const user = await findUserById(transaction, userId)
  const found = await firstStepOf(context, transaction, userId, { id, code })
  if (user === null || found === null) return null
  const isFirst = !(await hasTotp(transaction, userId))
  const confirmed = { step: found.step, name: name ?? found.name, now }
  if (!(await markTotpConfirmed(transaction, id, confirmed))) return null
  await cancelRemovalAfterProof(context, transaction, userId, source)
  const recoveryCodes = isFirst ? await newRecoveryCodes(context, transaction, userId) : null
  await recordAuditEvent(context, transaction, source, {
    action: 'second_factor_added',
    userId,
    details: { kind: 'totp' },
  })
  await context.mailer.queue(transaction, user.email, 'second_factor_added', {
    name: nameInMail(user),
    at: now,
    device: describeDevice(source?.userAgent ?? null),
  })
  return { recoveryCodes }
}

/**
 * Returns the time step of the first code of an authenticator app, and the name of the app. Returns null if the code is wrong, or if there
 * is no such app to confirm.
 */
export async function firstStepOf(
  context: Pick<Context, 'keyring' | 'clock'>,
  database: Database,
  userId: string,
  { id, code }: { id: string; code: string },
): Promise<{ step: number; name: string } | null> {
  const since = context.clock() - unconfirmedTotpMs
  const totp = await findUnconfirmedTotp(database, userId, { id, since })
  const [step] = totp === null ? [] : stepsOf(context, totp, code)
  return totp === null || step === undefined ? null : { step, name: totp.name }
}
