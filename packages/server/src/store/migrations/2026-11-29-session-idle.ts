import type { Kysely } from 'kysely'

/** Adds the idle time under which a session was last used; null if only older versions have used it. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('session').addColumn('idleSeconds', 'integer').execute()
}
