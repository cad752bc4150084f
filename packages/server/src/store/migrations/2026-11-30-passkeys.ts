import type { Kysely } from 'kysely'

/** Adds tables of passkeys, and of the challenges that authenticators sign. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('passkey')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('userId', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('publicKey', 'text', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('transports', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('aaguid', 'text', (column) => column.notNull())
    .addColumn('backupEligible', 'integer', (column) => column.notNull())
    .addColumn('backedUp', 'integer', (column) => column.notNull())
    .addColumn('userVerified', 'integer', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('lastUsedAt', 'bigint')
    .execute()
  await database.schema.createIndex('passkey_user').on('passkey').column('userId').execute()

  await database.schema
    .createTable('webauthn_challenge')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('boundTo', 'text', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('webauthn_challenge_expiry')
    .on('webauthn_challenge')
    .column('expiresAt')
    .execute()
}
