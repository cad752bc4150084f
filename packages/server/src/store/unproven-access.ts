import type { Database } from './database.ts'
import { dropFactorRemoval } from './factor-removal.ts'
import { dropDevicesOf } from './known-device.ts'
import { dropOneTimeTokensOf } from './one-time-token.ts'
import { dropRecoveryCodes } from './recovery-code.ts'
import { removeTotp } from './totp.ts'

/**
 * Deletes everything with which somebody can sign in to an account whose address was not verified when it was added: the password, passkeys,
 * linked accounts of providers, pending links and known browsers. Also deletes the second factors, because the owner of the address cannot
 * prove the factor of another person. Returns whether there was a password, a passkey or a linked account, and the number of second factors.
 */
export async function dropUnprovenAccess(
  transaction: Database,
  userId: string,
): Promise<{ hadAccess: boolean; factors: number }> {
  let dropped = 0n
  for (const table of ['credential', 'passkey', 'identity'] as const) {
    const { numDeletedRows } = await transaction
      .deleteFrom(table)
      .where('userId', '=', userId)
      .executeTakeFirst()
    dropped += numDeletedRows
  }
  const factors = await removeTotp(transaction, userId)
  await dropRecoveryCodes(transaction, userId)
  await dropFactorRemoval(transaction, userId)
  await dropOneTimeTokensOf(transaction, userId)
  await dropDevicesOf(transaction, userId)
  return { hadAccess: dropped > 0n, factors }
}
