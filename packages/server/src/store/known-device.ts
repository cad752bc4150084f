import type { Database } from './database.ts'

/** Whether an account has been signed in to on a device before. A device has a hash for each secret that is in force. */
export async function isKnownDevice(
  database: Database,
  userId: string,
  hashes: readonly string[],
): Promise<boolean> {
  const row = await database
    .selectFrom('known_device')
    .select('hash')
    .where('userId', '=', userId)
    .where('hash', 'in', hashes)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * Notes that an account has been signed in to on a device, under the first of its hashes; how many others it knows. In the transaction
 * of the sign-in.
 */
export async function noteDevice(
  transaction: Database,
  { userId, hashes, now, most }: { userId: string; hashes: readonly string[]; now: number; most: number },
): Promise<number> {
  const [hash = '', ...earlier] = hashes
  if (earlier.length > 0)
    await transaction
      .deleteFrom('known_device')
      .where('userId', '=', userId)
      .where('hash', 'in', earlier)
      .execute()
  await transaction
    .insertInto('known_device')
    .values({ userId, hash, createdAt: now, seenAt: now })
    .onConflict((conflict) => conflict.columns(['userId', 'hash']).doUpdateSet({ seenAt: now }))
    .execute()
  const others = await transaction
    .selectFrom('known_device')
    .select('hash')
    .where('userId', '=', userId)
    .where('hash', '!=', hash)
    .orderBy('seenAt', 'desc')
    .execute()
  const surplus = others.slice(most - 1).map((other) => other.hash)
  if (surplus.length > 0)
    await transaction
      .deleteFrom('known_device')
      .where('userId', '=', userId)
      .where('hash', 'in', surplus)
      .execute()
  return others.length
}

/** Forgets them all: after a new password by mail, nobody who was here before is known. */
export async function dropDevicesOf(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom('known_device').where('userId', '=', userId).execute()
}
