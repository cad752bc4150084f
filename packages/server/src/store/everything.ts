import type { Database } from './database.ts'

/** Sessions that are ended in one transaction: a request that waits for it does not wait long. */
const pageSize = 500

/** Ends some live sessions, whoever's they are; how many, so that 0 says that none is left. */
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

/** Deletes what a stolen or an outdated copy of the store could still open: links that wait, mails that hold one, known browsers. */
export async function dropPendingSecrets(database: Database): Promise<void> {
  await database.deleteFrom('one_time_token').execute()
  await database.deleteFrom('mail').where('state', '=', 'due').execute()
  await database.deleteFrom('known_device').execute()
}
