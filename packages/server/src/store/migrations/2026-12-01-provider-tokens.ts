import type { Kysely } from 'kysely'

/** Adds a table of the tokens that outside providers have issued. They are deleted with the identity. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('provider_token')
    .addColumn('identityId', 'text', (column) =>
      column.primaryKey().references('identity.id').onDelete('cascade'),
    )
    .addColumn('tokens', 'text', (column) => column.notNull())
    .addColumn('lease', 'text')
    .addColumn('leaseUntil', 'bigint', (column) => column.notNull())
    .addColumn('updatedAt', 'bigint', (column) => column.notNull())
    .execute()
}
