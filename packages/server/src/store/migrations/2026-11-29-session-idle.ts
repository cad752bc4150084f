import type { Kysely } from 'kysely'

/** The idle time under which a session was last used; null for one that only older versions have used. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('session').addColumn('idleSeconds', 'integer').execute()
}
