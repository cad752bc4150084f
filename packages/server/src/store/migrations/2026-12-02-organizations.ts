import { type Kysely, PostgresAdapter, sql } from 'kysely'

/** Adds the tables of organizations, and the organization of audit events and revocations. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema
    .createTable('organization')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('slug', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'bigint', (column) => column.notNull())
    .addColumn('demandsSecondFactor', 'integer', (column) => column.notNull())
    .addColumn('demandsAgeSeconds', 'bigint')
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('updatedAt', 'bigint', (column) => column.notNull())
    .addColumn('deleteAt', 'bigint')
    .execute()
  await database.schema
    .createIndex('organization_deletion')
    .on('organization')
    .column('deleteAt')
    .where('deleteAt' as never, 'is not', null as never)
    .execute()

  await database.schema
    .createTable('former_slug')
    .addColumn('slug', 'text', (column) => column.primaryKey())
    .addColumn('organizationId', 'text', (column) =>
      column.notNull().references('organization.id').onDelete('cascade'),
    )
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .execute()
  await database.schema
    .createIndex('former_slug_organization')
    .on('former_slug')
    .column('organizationId')
    .execute()

  await database.schema
    .createTable('membership')
    .addColumn('organizationId', 'text', (column) =>
      column.notNull().references('organization.id').onDelete('cascade'),
    )
    .addColumn('userId', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('isOwner', 'integer', (column) => column.notNull())
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('updatedAt', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('membership_key', ['organizationId', 'userId'])
    .execute()
  await database.schema.createIndex('membership_user').on('membership').column('userId').execute()
  await database.schema
    .createIndex('membership_owner')
    .on('membership')
    .column('organizationId')
    .where('isOwner' as never, '=', 1 as never)
    .execute()

  await database.schema
    .createTable('invitation')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organizationId', 'text', (column) =>
      column.notNull().references('organization.id').onDelete('cascade'),
    )
    .addColumn('email', 'text', (column) => column.notNull())
    .addColumn('roles', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('invitedBy', 'text', (column) => column.notNull().references('user.id').onDelete('cascade'))
    .addColumn('createdAt', 'bigint', (column) => column.notNull())
    .addColumn('sentAt', 'bigint', (column) => column.notNull())
    .addColumn('expiresAt', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('invitation_address', ['organizationId', 'email'])
    .execute()
  await database.schema.createIndex('invitation_inviter').on('invitation').column('invitedBy').execute()
  await database.schema.createIndex('invitation_expiry').on('invitation').column('expiresAt').execute()

  // The beginning of an address is searched by its bytes. On SQLite, the unique index of the addresses is ordered like this already.
  if (database.getExecutor().adapter instanceof PostgresAdapter)
    await sql`create index user_email_bytes on "user" (email collate "C")`.execute(database)

  await database.schema.alterTable('audit_event').addColumn('organizationId', 'text').execute()
  await database.schema
    .createIndex('audit_event_organization')
    .on('audit_event')
    .columns(['organizationId', 'id'])
    .where('organizationId' as never, 'is not', null as never)
    .execute()
  await database.schema.alterTable('revocation').addColumn('org', 'text').execute()
}
