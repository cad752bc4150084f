import { type Kysely, sql } from 'kysely'

/**
 * Extends revocations of earlier versions by an hour, the longest token lifetime. They ended with the lifetime that was set then, and a token
 * with a longer one may still be valid.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`update revocation set "until" = "until" + 3600000 where kid is null`.execute(database)
}
