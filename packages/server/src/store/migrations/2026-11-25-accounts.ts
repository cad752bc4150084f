import type { Kysely } from 'kysely'

/**
 * Adds columns for verified addresses and pending deletions of accounts, and tables for one-time tokens, queued mails, the audit log,
 * throttles and known browsers.
 */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('user').addColumn('emailVerifiedAt', 'bigint').execute()
  await database.schema.alterTable('user').addColumn('deleteAt', 'bigint').execute()
  await database.schema.createIndex('user_deletion').on('user').column('deleteAt').execute()

  await database.schema
    .createTable('one_time_token')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('userId', 'text', (column) => column.references('user.id').onDelete('cascade'))
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('details', 'text')
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('one_time_token_address')
    .on('one_time_token')
    .columns(['email', 'purpose'])
    .execute()
  await database.schema
    .createIndex('one_time_token_expiry')
    .on('one_time_token')
    .column('expiresAt')
    .execute()

  await database.schema
    .createTable('mail')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('recipient', 'text', (column) => column.notNull())
    .addColumn('template', 'text', (column) => column.notNull())
    .addColumn('details', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('dueAt', 'bigint', (column) => column.notNull())
    .addColumn('finishedAt', 'bigint')
    .addColumn('lastError', 'text')
    .execute()
  await database.schema.createIndex('mail_due').on('mail').columns(['state', 'dueAt']).execute()

  await database.schema
    .createTable('audit_event')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('result', 'text', (column) => column.notNull())
    .addColumn('actor', 'text')
    .addColumn('userId', 'text')
    .addColumn('sessionId', 'text')
    .addColumn('address', 'text')
    .addColumn('userAgent', 'text')
    .addColumn('requestId', 'text')
    .addColumn('details', 'text')
    .execute()
  await database.schema.createIndex('audit_event_user').on('audit_event').columns(['userId', 'id']).execute()

  await database.schema
    .createTable('throttle')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('count', 'integer', (column) => column.notNull())
    .addColumn('until', 'bigint', (column) => column.notNull())
    .addColumn('blockedUntil', 'bigint', (column) => column.notNull())
    .addColumn('lastBy', 'text', (column) => column.notNull())
    .execute()
  await database.schema.createIndex('throttle_end').on('throttle').column('until').execute()

  await database.schema
    .createTable('known_device')
    .addColumn('userId', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('seenAt', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_device_primary', ['userId', 'hash'])
    .execute()
}
