import type { Factor } from '@sallyport/protocol/endpoints'
import type { Database } from '../../store/database.ts'
import { dropFactorRemoval } from '../../store/factor-removal.ts'
import { forgetTrust } from '../../store/known-device.ts'
import { dropRecoveryCodes } from '../../store/recovery-code.ts'
import { listTotp } from '../../store/totp.ts'

/** Returns the second factors of a user, without their secrets. */
export async function factorsOf(database: Database, userId: string): Promise<Factor[]> {
  const all = await listTotp(database, userId)
  return all.map(({ id, name, createdAt, lastUsedAt }) => ({ id, kind: 'totp', name, createdAt, lastUsedAt }))
}

/**
 * Call this after a factor was removed, in the same transaction. Ends the trust in all browsers, because somebody may have used the removed
 * factor there. Drops a removal that an operator has planned, so that it cannot affect a factor that is added later. If the user has no
 * second factor any more, deletes the recovery codes. Returns the number of second factors that are left.
 */
export async function dropAfterRemoval(transaction: Database, userId: string): Promise<number> {
  await forgetTrust(transaction, userId)
  await dropFactorRemoval(transaction, userId)
  const left = (await factorsOf(transaction, userId)).length
  if (left === 0) await dropRecoveryCodes(transaction, userId)
  return left
}
