import type { Factor } from '@sallyport/protocol/endpoints'
import type { Database } from '../../store/database.ts'
import { forgetTrust } from '../../store/known-device.ts'
import { dropRecoveryCodes } from '../../store/recovery-code.ts'
import { listTotp } from '../../store/totp.ts'

/** Returns the second factors of a user, without their secrets. */
export async function factorsOf(database: Database, userId: string): Promise<Factor[]> {
  const all = await listTotp(database, userId)
  return all.map(({ id, name, createdAt, lastUsedAt }) => ({ id, kind: 'totp', name, createdAt, lastUsedAt }))
}

/**
 * Call this after a factor was removed, in the same transaction. If the user has no second factor any more, deletes the recovery codes and
 * ends the trust in all browsers. Returns the number of second factors that are left.
 */
export async function dropWithLastFactor(transaction: Database, userId: string): Promise<number> {
  const left = (await factorsOf(transaction, userId)).length
  if (left > 0) return left
  await dropRecoveryCodes(transaction, userId)
  await forgetTrust(transaction, userId)
  return 0
}
