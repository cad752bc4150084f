import { type Kysely, sql } from 'kysely'

/**
 * Revocations that versions before this one have written end with the token life that was set then; a token of a longer life may still
 * be alive. An hour more covers the longest one.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`update revocation set "until" = "until" + 3600000 where kid is null`.execute(database)
}
