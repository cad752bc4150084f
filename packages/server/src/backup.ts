import { randomBytes } from 'node:crypto'
import { readConfig, type SallyportOptions } from './config/config.ts'
import { readUserFields } from './config/user-fields.ts'
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

/** What {@link writeBackup} has written. */
export type BackupResult = {
  /** When the backup was made, in milliseconds since 1970, UTC. */
  createdAt: number
  /** The number of rows of each table. */
  rows: RowCounts
}
/** What {@link restoreBackup} has loaded. */
export type RestoreResult = BackupResult & {
  /** The number of sessions that were open in the backup. The restore has ended them. */
  sessionsEnded: number
}

/**
 * Writes a backup of the store, line by line, in the state of one moment. Servers may keep running.
 *
 * @throws TypeError when a setting is wrong, or the database is not of this version.
 */
export async function writeBackup(
  options: SallyportOptions,
  write: (line: string) => Promise<void>,
  clock: () => number = Date.now,
): Promise<BackupResult> {
  const config = readConfig(options, readUserFields())
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
 * Loads a backup into an unused database, SQLite or PostgreSQL. `lines` is read twice: all of it is checked before anything is written.
 * All sessions end, tokens of every known key are revoked, and pending links and mails are deleted, because what was ended, changed or
 * used after the backup must not work again. `revokedKids` are keys that were made after the backup.
 *
 * @throws TypeError when the backup cannot be used, or the database is not empty. The database is then unchanged.
 */
export async function restoreBackup(
  options: SallyportOptions,
  lines: () => AsyncIterable<string>,
  { revokedKids = [], clock = Date.now }: { revokedKids?: readonly string[]; clock?: () => number } = {},
): Promise<RestoreResult> {
  const config = readConfig(options, readUserFields())
  const { header, counts } = await readBackup(lines(), config.secret)
  const address = addressOf(config)
  await migrateStore(address, createLog('silent'))
  return withStore(address, async (database) => {
    if (!(await isUnused(database)))
      throw new TypeError(
        'The database is not empty. Restore into a new one: set DATA_DIR to an empty folder, or DATABASE_URL to an empty database.',
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

/** Nothing in the restored store needs these secrets, but a server without them would refuse to start. */
async function dropUnusableSecrets(transaction: Database, secrets: readonly string[]): Promise<void> {
  const own = secrets.map((secret) => keysOf(secret).id)
  for (const { id, formerKeys } of await listSecrets(transaction)) {
    const isUsable = own.includes(id) || (formerKeys !== null && openKeys(id, formerKeys, secrets) !== null)
    if (!isUsable) await dropSecret(transaction, id)
  }
}

/** Runs `work` on a connection without the usual time limits. */
async function withStore<T>(address: StoreAddress, work: (database: Database) => Promise<T>): Promise<T> {
  const { database } = openStore('file' in address ? address : { ...address, patient: true })
  try {
    return await work(database)
  } finally {
    await database.destroy()
  }
}
