import type { Kysely } from 'kysely'

/** Adds the table of mailed codes and links with which somebody can sign in. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('mailed_sign_in')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('linkHash', 'text', (column) => column.notNull().unique())
    .addColumn('codeMac', 'text', (column) => column.notNull())
    .addColumn('userId', 'text', (column) => column.references('user.id').onDelete('cascade'))
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('triesLeft', 'integer', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('mailed_sign_in_user').on('mailed_sign_in').column('userId').execute()
  await database.schema
    .createIndex('mailed_sign_in_expiry')
    .on('mailed_sign_in')
    .column('expiresAt')
    .execute()
}
