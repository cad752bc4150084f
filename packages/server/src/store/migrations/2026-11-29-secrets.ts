import type { Kysely } from 'kysely'

/** Which secrets the data was made under, and the keys of those that have been replaced. */
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
