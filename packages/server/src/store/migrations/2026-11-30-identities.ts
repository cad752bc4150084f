import type { Kysely } from 'kysely'

/** Adds tables of accounts at outside providers, and of sign-ins that were begun at a provider. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('identity')
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('userId', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('email', 'text')
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('lastUsedAt', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('identity_key', ['issuer', 'subject'])
    .execute()
  await database.schema.createIndex('identity_user').on('identity').column('userId').execute()

  await database.schema
    .createTable('provider_start')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('stateHash', 'text', (column) => column.notNull().unique())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('callback', 'text')
    .addColumn('userId', 'text', (column) => column.references('user.id').onDelete('cascade'))
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('provider_start_user').on('provider_start').column('userId').execute()
  await database.schema
    .createIndex('provider_start_expiry')
    .on('provider_start')
    .column('expiresAt')
    .execute()
}
