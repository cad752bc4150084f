import { sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Database } from './database.ts'
import * as sessions from './migrations/2026-11-23-sessions.ts'
import * as severalProcesses from './migrations/2026-11-24-several-processes.ts'
import * as accounts from './migrations/2026-11-25-accounts.ts'
import * as hooks from './migrations/2026-11-26-hooks.ts'
import * as deletedAccounts from './migrations/2026-11-29-deleted-accounts.ts'
import * as revocationEnds from './migrations/2026-11-29-revocation-ends.ts'
import * as secrets from './migrations/2026-11-29-secrets.ts'
import * as sessionIdle from './migrations/2026-11-29-session-idle.ts'
import * as signInFactors from './migrations/2026-11-29-sign-in-factors.ts'
import * as identities from './migrations/2026-11-30-identities.ts'
import * as mailedSignIns from './migrations/2026-11-30-mailed-sign-ins.ts'
import * as passkeys from './migrations/2026-11-30-passkeys.ts'
import * as factorRemovals from './migrations/2026-12-01-factor-removals.ts'
import * as passkeyHandles from './migrations/2026-12-01-passkey-handles.ts'
import * as providerTokens from './migrations/2026-12-01-provider-tokens.ts'
import * as organizations from './migrations/2026-12-02-organizations.ts'

/** All migrations, in the order in which they are applied. */
const migrations = {
  '2026-11-23-sessions': sessions,
  '2026-11-24-several-processes': severalProcesses,
  '2026-11-25-accounts': accounts,
  '2026-11-26-hooks': hooks,
  '2026-11-29-deleted-accounts': deletedAccounts,
  '2026-11-29-revocation-ends': revocationEnds,
  '2026-11-29-secrets': secrets,
  '2026-11-29-session-idle': sessionIdle,
  '2026-11-29-sign-in-factors': signInFactors,
  '2026-11-30-identities': identities,
  '2026-11-30-mailed-sign-ins': mailedSignIns,
  '2026-11-30-passkeys': passkeys,
  '2026-12-01-factor-removals': factorRemovals,
  '2026-12-01-passkey-handles': passkeyHandles,
  '2026-12-01-provider-tokens': providerTokens,
  '2026-12-02-organizations': organizations,
}

/** The names of the migrations of this version, in the order in which they are applied. */
export const knownMigrations: readonly string[] = Object.keys(migrations)

/**
 * Applies all missing migrations in one transaction. Returns their names. If several processes do this at the same time, one waits for the
 * other. If a newer version has migrated the database, nothing is changed, because migrations only add tables and columns, and earlier
 * versions still work.
 */
export async function migrate(database: Database): Promise<string[]> {
  const applied = await appliedMigrations(database)
  // Kysely reads the whole schema three times, also if there is nothing to do. This is the usual start of a server.
  if (knownMigrations.every((name) => applied.includes(name))) return []
  const newer = Object.fromEntries(
    applied.filter((name) => !Object.hasOwn(migrations, name)).map((name) => [name, { up: async () => {} }]),
  )
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...newer, ...migrations }) },
  })
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** Returns the names of the applied migrations. */
export async function appliedMigrations(database: Database): Promise<string[]> {
  const read = () => sql<{ name: string }>`select name from kysely_migration`.execute(database)
  // The table is missing in an empty database only, and another process may be creating it.
  const { rows } = await read().catch(async () => {
    const tables = await database.introspection.getTables({ withInternalKyselyTables: true })
    return tables.some(({ name }) => name === 'kysely_migration') ? read() : { rows: [] }
  })
  return rows.map(({ name }) => name)
}
