import type { Kysely } from 'kysely'

/** Adds columns for disabled users, the time of the last sign-in and revoked keys, and an index to find expired revocations. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('user').addColumn('disabledAt', 'bigint').execute()
  await database.schema.alterTable('user').addColumn('signedInAt', 'bigint').execute()
  await database.schema.alterTable('signing_key').addColumn('revokedAt', 'bigint').execute()
  await database.schema.alterTable('revocation').addColumn('kid', 'text').execute()
  await database.schema.createIndex('revocation_end').on('revocation').column('until').execute()
}
