import type { Kysely } from 'kysely'

/**
 * Adds tables of sign-ins that still need a second factor, of authenticator apps and of recovery codes. Adds a column for browsers on which
 * the user is not asked for the second factor.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('pending_sign_in')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('userId', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('methods', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('pending_sign_in_user').on('pending_sign_in').column('userId').execute()
  await database.schema
    .createIndex('pending_sign_in_expiry')
    .on('pending_sign_in')
    .column('expiresAt')
    .execute()

  await database.schema
    .createTable('totp')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('userId', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('sealedSecret', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('confirmedAt', 'bigint')
    .addColumn('lastStep', 'bigint', (column) => column.notNull())
    .addColumn('lastUsedAt', 'bigint')
    .execute()
  await database.schema.createIndex('totp_user').on('totp').column('userId').execute()

  await database.schema
    .createTable('recovery_code')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('userId', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('recovery_code_user').on('recovery_code').column('userId').execute()

  await database.schema.alterTable('known_device').addColumn('trustedUntil', 'bigint').execute()
}
