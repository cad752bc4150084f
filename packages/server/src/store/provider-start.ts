import type { Database } from './database.ts'
import type { ProviderStartRow } from './row-types.ts'

export type { ProviderStartRow } from './row-types.ts'

export async function addProviderStart(
  transaction: Database,
  start: Omit<ProviderStartRow, 'callback'>,
): Promise<void> {
  await transaction
    .insertInto('provider_start')
    .values({ ...start, callback: null })
    .execute()
}

/** Returns a start that has not expired, without using it up. */
export async function findProviderStart(
  database: Database,
  hash: string,
  now: number,
): Promise<ProviderStartRow | null> {
  const row = await database
    .selectFrom('provider_start')
    .selectAll()
    .where('hash', '=', hash)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row ?? null
}

/** Deletes a start and returns it. Only one of several concurrent requests gets the row. */
export async function takeProviderStart(
  database: Database,
  hash: string,
  now: number,
): Promise<ProviderStartRow | null> {
  const row = await database
    .deleteFrom('provider_start')
    .where('hash', '=', hash)
    .where('expiresAt', '>', now)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Returns the hash of the start with this state, if the provider has not sent its values yet. */
export async function findStartByState(
  database: Database,
  { stateHash, provider, now }: { stateHash: string; provider: string; now: number },
): Promise<string | null> {
  const row = await database
    .selectFrom('provider_start')
    .select('hash')
    .where('stateHash', '=', stateHash)
    .where('provider', '=', provider)
    .where('callback', 'is', null)
    .where('expiresAt', '>', now)
    .executeTakeFirst()
  return row?.hash ?? null
}

/** Stores what a provider has sent in a form. Returns false if something is stored already, so a second form changes nothing. */
export async function holdCallback(database: Database, hash: string, callback: string): Promise<boolean> {
  const { numUpdatedRows } = await database
    .updateTable('provider_start')
    .set({ callback })
    .where('hash', '=', hash)
    .where('callback', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Deletes some expired rows. Returns true if there may be more. */
export async function dropExpiredProviderStarts(database: Database, now: number): Promise<boolean> {
  const limit = 500
  const { numDeletedRows } = await database
    .deleteFrom('provider_start')
    .where('hash', 'in', (from) =>
      from.selectFrom('provider_start').select('hash').where('expiresAt', '<=', now).limit(limit),
    )
    .executeTakeFirst()
  return numDeletedRows === BigInt(limit)
}
