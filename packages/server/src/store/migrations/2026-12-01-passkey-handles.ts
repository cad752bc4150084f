import type { Kysely } from 'kysely'

/** Adds a column for the user handles of passkeys that were imported. An authenticator never changes the handle of a passkey. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('passkey').addColumn('userHandle', 'text').execute()
}
