import type { Database } from './database.ts'
import { prepared } from './prepared.ts'

const confirmed = prepared<{ userId: string }, { id: string }>((database, place) =>
  database
    .selectFrom('totp')
    .select('id')
    .where('userId', '=', place('userId'))
    .where('confirmedAt', 'is not', null)
    .limit(1),
)

/** Returns whether the user has set up an authenticator app. */
export async function hasTotp(database: Database, userId: string): Promise<boolean> {
  const { rows } = await confirmed(database, { userId })
  return rows.length > 0
}
