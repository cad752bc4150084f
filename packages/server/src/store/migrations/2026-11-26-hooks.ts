import type { Kysely } from 'kysely'

/** Adds a column for the user fields that the app declares, and a table of pending calls of the hook `afterSignUp`. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('user').addColumn('fields', 'text').execute()
  await database.schema
    .createTable('pending_hook')
    .addColumn('userId', 'text', (column) => column.primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('dueAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('pending_hook_due').on('pending_hook').column('dueAt').execute()
}
