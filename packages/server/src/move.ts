import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { readConfig, type SallyportOptions } from './config/config.ts'
import { readUserFields } from './config/user-fields.ts'
import type { RowCounts } from './flows/operator/backup-file.ts'
import { createLog } from './http/request-log.ts'
import { addressOf, migrateStore } from './open-database.ts'
import { byOperator } from './services/audit-log.ts'
import { copyTables } from './store/copy.ts'
import { type Database, openStore, type StoreAddress } from './store/database.ts'
import { isUnused, requireThisVersion } from './store/dump.ts'
import { lockTables, readAlone, requireSoleUse } from './store/sole-use.ts'
import { newId } from './tokens/id.ts'

/** What {@link moveStore} has copied, and where to. */
export type MoveResult = {
  /** How many rows of each table are in the new database. */
  rows: RowCounts
  /** What the new database is, for a sentence: `PostgreSQL`, or its file. */
  target: string
}

const sourceName = 'The database that is moved'
const targetName = 'The new database'

/**
 * Copies everything that the store of these settings holds into an empty one, of either kind: `to` is the address of a PostgreSQL
 * database, or a folder as in `dataDir`. Sessions, keys and links go on there. Both must be used by nobody else meanwhile, so nothing can
 * be changed after it was copied. One transaction: what is interrupted leaves the target empty. The source is only read.
 *
 * @throws TypeError when a setting is wrong, one of the two is in use, or the target is not empty.
 */
export async function moveStore(
  options: SallyportOptions,
  to: string,
  clock: () => number = Date.now,
): Promise<MoveResult> {
  const source = addressOf(readConfig(options, readUserFields()))
  const target = targetOf(options, to)
  if (isSame(source, target)) throw new TypeError('--to names the database that the settings name.')
  return withAlone(source, (from) =>
    readAlone(from, sourceName, async (reading) => {
      await requireThisVersion(reading)
      await migrateStore(target, createLog('silent'), '--to')
      return withAlone(target, (into) =>
        into.transaction().execute(async (writing) => {
          await requireSoleUse(writing, targetName)
          await lockTables(writing, 'share row exclusive', targetName)
          if (!(await isUnused(writing)))
            throw new TypeError(
              'The new database is not empty: it has users, sessions or audit events. Name an empty one.',
            )
          const rows = await copyTables(reading, writing)
          const context = { clock, newId: () => newId(clock(), randomBytes) }
          await byOperator(context, writing, 'store_moved', null, { to: databaseNameOf(target) })
          // A server that was started meanwhile has read what is out of date now.
          await requireSoleUse(reading, sourceName)
          await requireSoleUse(writing, targetName)
          return { rows, target: 'file' in target ? target.file : databaseNameOf(target) }
        }),
      )
    }),
  )
}

function targetOf(options: SallyportOptions, to: string): StoreAddress {
  const { databaseUrl: _, ...others } = options
  // Also an address that is misspelt: a folder of that name would tell its password to everybody. One letter is a drive of Windows.
  const isFolder = !/^[a-z][a-z\d+.-]+:/i.test(to)
  try {
    return addressOf(
      readConfig({ ...others, ...(isFolder ? { dataDir: to } : { databaseUrl: to }) }, readUserFields()),
    )
  } catch (error) {
    if (!(error instanceof TypeError) || isFolder) throw error
    throw new TypeError(
      '--to must be the address of a PostgreSQL database, postgres://user:password@host:5432/name, or a folder.',
    )
  }
}

function isSame(one: StoreAddress, other: StoreAddress): boolean {
  if ('file' in one) return 'file' in other && resolve(one.file) === resolve(other.file)
  return 'databaseUrl' in other && one.databaseUrl === other.databaseUrl
}

function databaseNameOf(address: StoreAddress): string {
  return 'file' in address ? 'SQLite' : 'PostgreSQL'
}

/** On one connection, which may take its time. */
async function withAlone<T>(address: StoreAddress, work: (database: Database) => Promise<T>): Promise<T> {
  const { database } = openStore(
    'file' in address ? { ...address, alone: true } : { ...address, poolSize: 1, patient: true },
  )
  try {
    return await work(database)
  } finally {
    await database.destroy()
  }
}
