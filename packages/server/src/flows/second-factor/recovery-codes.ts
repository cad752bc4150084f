import type { Context } from '../../services/context.ts'
import type { Database } from '../../store/database.ts'
import { replaceRecoveryCodes } from '../../store/recovery-code.ts'
import { newRecoveryCode, recoveryCodeCount } from '../../tokens/recovery-code.ts'

/** Makes a new set of recovery codes, which replaces the earlier set. Only hashes are stored, so the codes can be shown only now. */
export async function newRecoveryCodes(
  { randomBytes, clock }: Pick<Context, 'randomBytes' | 'clock'>,
  transaction: Database,
  userId: string,
): Promise<string[]> {
  const made = Array.from({ length: recoveryCodeCount }, () => newRecoveryCode(randomBytes))
  await replaceRecoveryCodes(
    transaction,
    userId,
    made.map(({ hash }) => hash),
    clock(),
  )
  return made.map(({ code }) => code)
}
