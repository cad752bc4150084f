import type { Database } from './database.ts'

/** The maximum number of sessions ended in one transaction, so that waiting requests do not wait long. */
const pageSize = 500

/** Ends some open sessions of any users. Returns their number; 0 if none is left. */
export async function endSomeSessions(
  database: Database,
  { reason, now }: { reason: string; now: number },
): Promise<number> {
  const { numUpdatedRows } = await database
    .updateTable('session')
    .set({ endedAt: now, endReason: reason })
    .where('id', 'in', (from) =>
      from.selectFrom('session').select('id').where('endedAt', 'is', null).limit(pageSize),
    )
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

/** Deletes what a stolen or outdated copy of the store could be used for: pending links, mails with links, known browsers. */
export async function dropPendingSecrets(database: Database): Promise<void> {
  await database.deleteFrom('one_time_token').execute()
  await database.deleteFrom('mail').where('state', '=', 'due').execute()
  await database.deleteFrom('known_device').execute()
}
