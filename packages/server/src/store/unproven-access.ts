import type { Database } from './database.ts'
import { dropDevicesOf } from './known-device.ts'
import { dropOneTimeTokensOf } from './one-time-token.ts'

/**
 * Deletes every way into an account whose address was not verified when this way was created: the password, passkeys, linked accounts of
 * providers, pending links and known browsers. Second factors stay: they let nobody in by themselves, and a mail must never remove one.
 * Returns whether there was a password, a passkey or a linked account.
 */
export async function dropUnprovenAccess(transaction: Database, userId: string): Promise<boolean> {
  let dropped = 0n
  for (const table of ['credential', 'passkey', 'identity'] as const) {
    const { numDeletedRows } = await transaction
      .deleteFrom(table)
      .where('userId', '=', userId)
      .executeTakeFirst()
    dropped += numDeletedRows
  }
  await dropOneTimeTokensOf(transaction, userId)
  await dropDevicesOf(transaction, userId)
  return dropped > 0n
}
