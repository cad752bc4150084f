import { describeDevice } from '../../mail/device-name.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import type { Database } from '../../store/database.ts'
import { countRecoveryCodes, hasRecoveryCode, takeRecoveryCode } from '../../store/recovery-code.ts'
import { listTotp, useTotpStep } from '../../store/totp.ts'
import { findUserById } from '../../store/user.ts'
import { recoveryCodeHash } from '../../tokens/recovery-code.ts'
import { stepsOf } from './totp-steps.ts'

/** What a user enters as the second factor: a code of an authenticator app, or a recovery code. */
export type FactorProof = { code: string } | { recoveryCode: string }

/**
 * Returns the methods that a proof adds to a session, as values of the claim `amr`. RFC 8176 has no value for a recovery code. It is a
 * password that is used only once, so it counts as `otp` too.
 */
export function methodsOf(_proof: FactorProof): string[] {
  return ['otp', 'mfa']
}

/**
 * Returns whether a second factor of a user is right. Does not use it up, so another request may use it first: call `useSecondFactor` too.
 */
export async function isSecondFactor(
  context: Pick<Context, 'database' | 'keyring' | 'clock'>,
  userId: string,
  proof: FactorProof,
): Promise<boolean> {
  const { database } = context
  if ('code' in proof)
    return (await listTotp(database, userId)).some((totp) =>
      stepsOf(context, totp, proof.code).some((step) => step > totp.lastStep),
    )
  const hash = recoveryCodeHash(proof.recoveryCode)
  return hash !== null && (await hasRecoveryCode(database, userId, hash))
}

/**
 * Checks a second factor of a user and uses it up, in the transaction of the caller, which must have locked the user. Returns false if the
 * proof is wrong or was used before. Does not count the tries (see `beginFactorCheck`).
 */
export function useSecondFactor(
  context: Context,
  transaction: Database,
  userId: string,
  proof: FactorProof,
  source: RequestSource | null = null,
): Promise<boolean> {
  return 'code' in proof
    ? useCode(context, transaction, userId, proof.code)
    : useRecoveryCode(context, transaction, userId, proof.recoveryCode, source)
}

async function useCode(
  context: Context,
  transaction: Database,
  userId: string,
  code: string,
): Promise<boolean> {
  const now = context.clock()
  for (const totp of await listTotp(transaction, userId))
    for (const step of stepsOf(context, totp, code))
      if (await useTotpStep(transaction, totp.id, { step, now })) return true
  return false
}

async function useRecoveryCode(
  context: Context,
  transaction: Database,
  userId: string,
  recoveryCode: string,
  source: RequestSource | null,
): Promise<boolean> {
  const hash = recoveryCodeHash(recoveryCode)
  if (hash === null || !(await takeRecoveryCode(transaction, userId, hash))) return false
  const user = await findUserById(transaction, userId)
  if (user === null) return false
  const left = await countRecoveryCodes(transaction, userId)
  await recordAuditEvent(context, transaction, source, {
    action: 'recovery_code_used',
    userId,
    details: { left },
  })
  await context.mailer.queue(transaction, user.email, 'recovery_code_used', {
    name: nameInMail(user),
    at: context.clock(),
    device: describeDevice(source?.userAgent ?? null),
    left,
  })
  return true
}
