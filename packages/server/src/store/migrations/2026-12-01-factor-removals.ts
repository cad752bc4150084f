import type { Kysely } from 'kysely'

/** Adds the table of second factors that an operator removes after a waiting time. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('factor_removal')
    .addColumn('userId', 'text', (column) => column.primaryKey().references('user.id').onDelete('cascade'))
    .addColumn('factorId', 'text')
    .addColumn('because', 'text', (column) => column.notNull())
    .addColumn('askedAt', 'bigint', (column) => column.notNull())
    .addColumn('dueAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('factor_removal_due').on('factor_removal').column('dueAt').execute()
}
