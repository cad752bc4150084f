import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import { readConfig, type SallyportOptions } from './config/config.ts'
import type { RowCounts } from './flows/operator/backup-file.ts'
import { createLog } from './http/request-log.ts'
import { addressOf, migrateStore } from './open-database.ts'
import { byOperator } from './services/audit-log.ts'
import { copyTables } from './store/copy.ts'
import { type Database, openStore, type StoreAddress } from './store/database.ts'
import { isUnused, requireThisVersion } from './store/dump.ts'
import { lockTables, readAlone, requireSoleUse } from './store/sole-use.ts'
import { newId } from './tokens/id.ts'

/** The result of {@link moveStore}. */
export type MoveResult = {
  /** The number of rows of each table in the new database. */
  rows: RowCounts
  /** The name of the new database for messages: `PostgreSQL`, or the path of its file. */
  target: string
}

const sourceName = 'The database that is moved'
const targetName = 'The new database'

/**
 * Copies the whole database of these settings into an empty one, SQLite or PostgreSQL. `to` is the address of a PostgreSQL database, or a
 * folder as in `dataDir`. Sessions, keys and links stay valid in the new database. During the copy, no server may use either database,
 * because a change after the copy would be lost. The copy is one transaction, so if it is interrupted, the new database stays empty. The
 * old database is only read.
 *
 * @throws TypeError when a setting is wrong, when one of the two databases is in use, or when the new one is not empty.
 */
export async function moveStore(
  options: SallyportOptions,
  to: string,
  clock: () => number = Date.now,
): Promise<MoveResult> {
  const source = addressOf(readConfig(options))
  const target = targetOf(options, to)
  if (isSame(source, target))
    throw new TypeError('--to is the same database as in the settings. Name another database.')
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
              'The new database is not empty. It has users, sessions, mails or audit events. Name an empty database.',
            )
          const rows = await copyTables(reading, writing)
          const context = { clock, newId: () => newId(clock(), randomBytes) }
          await byOperator(context, writing, 'store_moved', null, { to: databaseNameOf(target) })
          // A server that was started in the meantime would continue to use the old database.
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
  // A misspelt address must not be used as the name of a folder, because the password in the address would then be visible. A single letter
  // before the colon is a Windows drive.
  const isFolder = !/^[a-z][a-z\d+.-]+:/i.test(to)
  try {
    return addressOf(readConfig({ ...others, ...(isFolder ? { dataDir: to } : { databaseUrl: to }) }))
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

/** Runs `work` on a single connection that does not have the usual time limits. */
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
