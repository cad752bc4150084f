import type { Database } from './database.ts'
import { prepared, preparedFor } from './prepared.ts'

const known = preparedFor<{ userId: string }, { hash: string }>((database, place, hashes) =>
  database
    .selectFrom('known_device')
    .select('hash')
    .where('userId', '=', place('userId'))
    .where('hash', 'in', hashes)
    .limit(1),
)

const note = prepared<{ userId: string; hash: string; now: number }, unknown>((database, place) =>
  database
    .insertInto('known_device')
    .values({
      userId: place('userId'),
      hash: place('hash'),
      createdAt: place('now'),
      seenAt: place('now'),
      trustedUntil: null,
    })
    .onConflict((conflict) => conflict.columns(['userId', 'hash']).doUpdateSet({ seenAt: place('now') })),
)

const listOthers = prepared<{ userId: string; hash: string }, { hash: string }>((database, place) =>
  database
    .selectFrom('known_device')
    .select('hash')
    .where('userId', '=', place('userId'))
    .where('hash', '!=', place('hash'))
    .orderBy('seenAt', 'desc'),
)

const forget = preparedFor<{ userId: string }, unknown>((database, place, hashes) =>
  database.deleteFrom('known_device').where('userId', '=', place('userId')).where('hash', 'in', hashes),
)

/** Returns whether an account has signed in on a device before. A device has one hash for each accepted secret. */
export async function isKnownDevice(
  database: Database,
  userId: string,
  hashes: readonly string[],
): Promise<boolean> {
  const {
    rows: [row],
  } = await known(database, { userId }, hashes)
  return row !== undefined
}

/** Returns until when the user is not asked for the second factor on a device, or null. */
export async function trustedUntil(
  database: Database,
  userId: string,
  hashes: readonly string[],
): Promise<number | null> {
  const row = await database
    .selectFrom('known_device')
    .select(({ fn }) => fn.max('trustedUntil').as('until'))
    .where('userId', '=', userId)
    .where('hash', 'in', hashes)
    .executeTakeFirst()
  return row?.until ?? null
}

export async function setTrustedUntil(
  transaction: Database,
  { userId, hash, until }: { userId: string; hash: string; until: number },
): Promise<void> {
  await transaction
    .updateTable('known_device')
    .set({ trustedUntil: until })
    .where('userId', '=', userId)
    .where('hash', '=', hash)
    .execute()
}

/**
 * Stores the device of a sign-in under the first of its hashes. Runs in the transaction of the sign-in. Returns the number of other devices
 * of the account.
 */
export async function noteDevice(
  transaction: Database,
  { userId, hashes, now, most }: { userId: string; hashes: readonly string[]; now: number; most: number },
): Promise<number> {
  const [hash = '', ...earlier] = hashes
  if (earlier.length > 0) await forget(transaction, { userId }, earlier)
  await note(transaction, { userId, hash, now })
  const { rows: others } = await listOthers(transaction, { userId, hash })
  const surplus = others.slice(most - 1).map((other) => other.hash)
  if (surplus.length > 0) await forget(transaction, { userId }, surplus)
  return others.length
}

/** Returns the number of devices on which the user is not asked for the second factor. */
export async function countTrusted(database: Database, userId: string, now: number): Promise<number> {
  const { count } = await database
    .selectFrom('known_device')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('userId', '=', userId)
    .where('trustedUntil', '>', now)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Ends the trust in all devices of a user. The devices stay known. Returns the number of devices that were trusted. */
export async function forgetTrust(transaction: Database, userId: string): Promise<number> {
  const { numUpdatedRows } = await transaction
    .updateTable('known_device')
    .set({ trustedUntil: null })
    .where('userId', '=', userId)
    .where('trustedUntil', 'is not', null)
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Deletes all known devices of a user, for example after a password reset. */
export async function dropDevicesOf(transaction: Database, userId: string): Promise<void> {
  await transaction.deleteFrom('known_device').where('userId', '=', userId).execute()
}
