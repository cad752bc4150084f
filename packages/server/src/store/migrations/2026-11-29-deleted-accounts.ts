import { type Kysely, sql } from 'kysely'

/** Removes the network address, the device and the request id from the events of deleted accounts. Earlier versions kept them. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await sql`
    update audit_event set address = null, "userAgent" = null, "requestId" = null
    where "userId" is not null and not exists (select 1 from "user" where "user".id = audit_event."userId")
  `.execute(database)
}
