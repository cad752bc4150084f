import type { Kysely } from 'kysely'

/** Adds revoked keys, disabled users, and indexes for rows that are deleted regularly or counted. */
export async function up(database: Kysely<unknown>): Promise<void> {
  await database.schema.alterTable('user').addColumn('disabledAt', 'bigint').execute()
  await database.schema.alterTable('user').addColumn('signedInAt', 'bigint').execute()
  await database.schema.alterTable('signing_key').addColumn('revokedAt', 'bigint').execute()
  await database.schema.alterTable('revocation').addColumn('kid', 'text').execute()
  await database.schema.createIndex('revocation_end').on('revocation').column('until').execute()
}
