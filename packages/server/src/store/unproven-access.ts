import type { Database } from './database.ts'
import { dropDevicesOf } from './known-device.ts'
import { dropOneTimeTokensOf } from './one-time-token.ts'

/**
 * Deletes every way into an account whose address was not verified when this way was created: the password, linked accounts of
 * providers, pending links and known browsers. Returns whether there was a password or a linked account. Second factors stay, because they let nobody in by themselves.
 */
export async function dropUnprovenAccess(transaction: Database, userId: string): Promise<boolean> {
  const passwords = await transaction.deleteFrom('credential').where('userId', '=', userId).executeTakeFirst()
  const identities = await transaction.deleteFrom('identity').where('userId', '=', userId).executeTakeFirst()
  await dropOneTimeTokensOf(transaction, userId)
  await dropDevicesOf(transaction, userId)
  return passwords.numDeletedRows + identities.numDeletedRows > 0n
}
