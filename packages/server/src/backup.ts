import { randomBytes } from 'node:crypto'
import { readConfig, type SallyportOptions } from './config/config.ts'
import { backupWriter, type RowCounts, readBackup } from './flows/operator/backup-file.ts'
import { createLog } from './http/request-log.ts'
import { addressOf, migrateStore } from './open-database.ts'
import { byOperator } from './services/audit-log.ts'
import { type Database, openStore, type StoreAddress } from './store/database.ts'
import { clearTables, dumpTables, isUnused, requireThisVersion, tableLoader } from './store/dump.ts'
import { settleRestored } from './store/restored.ts'
import { dropSecret, listSecrets } from './store/secret.ts'
import { newId } from './tokens/id.ts'
import { keySchedule } from './tokens/key-schedule.ts'
import { keysOf, openKeys } from './tokens/keyring.ts'

/** The result of {@link writeBackup}. */
export type BackupResult = {
  /** When the backup was made, in milliseconds since 1970, UTC. */
  createdAt: number
  /** The number of rows of each table. */
  rows: RowCounts
}
/** The result of {@link restoreBackup}. */
export type RestoreResult = BackupResult & {
  /** The number of sessions that were open in the backup. The restore has ended all of them. */
  sessionsEnded: number
}

/**
 * Writes a backup of the database line by line. The backup contains the state of one moment. Servers may use the database while the backup
 * is written.
 *
 * @throws TypeError when a setting is wrong, or when another version has migrated the database.
 */
export async function writeBackup(
  options: SallyportOptions,
  write: (line: string) => Promise<void>,
  clock: () => number = Date.now,
): Promise<BackupResult> {
  const config = readConfig(options)
  const [secret = ''] = config.secret
  return withStore(addressOf(config), async (database) => {
    const applied = await requireThisVersion(database)
    const createdAt = clock()
    const backup = backupWriter(secret, write)
    await backup.begin({ createdAt, migrations: applied })
    await dumpTables(database, backup.row)
    return { createdAt, rows: await backup.end() }
  })
}

/**
 * Loads a backup into an unused database, SQLite or PostgreSQL. `lines` is called twice, because the whole backup is checked before
 * anything is written. All sessions end, the tokens of every known key are revoked, and pending links and mails are deleted. Otherwise a
 * session that was ended, a password that was replaced or a link that was used after the backup was made would work again. `revokedKids`
 * are the ids of signing keys that were created after the backup was made. The tokens of these keys are revoked too.
 *
 * @throws TypeError when the backup cannot be used, or when the database is not empty. In both cases the database is not changed.
 */
export async function restoreBackup(
  options: SallyportOptions,
  lines: () => AsyncIterable<string>,
  { revokedKids = [], clock = Date.now }: { revokedKids?: readonly string[]; clock?: () => number } = {},
): Promise<RestoreResult> {
  const config = readConfig(options)
  const { header, counts } = await readBackup(lines(), config.secret)
  const address = addressOf(config)
  await migrateStore(address, createLog('silent'))
  return withStore(address, async (database) => {
    if (!(await isUnused(database)))
      throw new TypeError(
        'The database is not empty. Restore into a new database: set DATA_DIR to an empty folder, or DATABASE_URL to an empty database.',
      )
    const sessionsEnded = await database.transaction().execute(async (transaction) => {
      await clearTables(transaction)
      const loader = tableLoader(transaction)
      await readBackup(lines(), config.secret, loader.add)
      await loader.flush()
      const now = clock()
      const until = now + keySchedule.revokedForMs
      const ended = await settleRestored(transaction, { now, until, kids: revokedKids })
      await dropUnusableSecrets(transaction, config.secret)
      await byOperator({ clock, newId: () => newId(now, randomBytes) }, transaction, 'store_restored', null, {
        backupAt: new Date(header.createdAt).toISOString(),
        sessions: ended,
      })
      return ended
    })
    return { createdAt: header.createdAt, rows: counts, sessionsEnded }
  })
}

/**
 * Deletes the rows of secrets that are not in the settings and whose stored keys cannot be decrypted. Nothing in the restored database
 * needs these secrets, but with such a row the server would refuse to start.
 */
async function dropUnusableSecrets(transaction: Database, secrets: readonly string[]): Promise<void> {
  const own = secrets.map((secret) => keysOf(secret).id)
  for (const { id, formerKeys } of await listSecrets(transaction)) {
    const isUsable = own.includes(id) || (formerKeys !== null && openKeys(id, formerKeys, secrets) !== null)
    if (!isUsable) await dropSecret(transaction, id)
  }
}

/** Runs `work` on a connection that does not have the usual time limits. */
async function withStore<T>(address: StoreAddress, work: (database: Database) => Promise<T>): Promise<T> {
  const { database } = openStore('file' in address ? address : { ...address, patient: true })
  try {
    return await work(database)
  } finally {
    await database.destroy()
  }
}
