import { type Kysely, sql } from 'kysely'

/**
 * Makes revocations of earlier versions last one hour longer. One hour is the longest life of an access token. Earlier versions ended a
 * revocation after the lifetime of tokens that was set at that time, but tokens with a longer lifetime may still be valid.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`update revocation set "until" = "until" + 3600000 where kid is null`.execute(database)
}
