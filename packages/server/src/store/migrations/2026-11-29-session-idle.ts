import type { Kysely } from 'kysely'

/** Adds the idle time that was set when a session was last used. It is null if only older versions have used the session. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('session').addColumn('idleSeconds', 'integer').execute()
}
