import type { Kysely } from 'kysely'

/** Adds a table of the secrets with which the database was used. The table also stores the keys of replaced secrets. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('secret')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('usedAt', 'bigint', (column) => column.notNull())
    .addColumn('formerKeys', 'text')
    .addColumn('carriedAt', 'bigint')
    .execute()
}
