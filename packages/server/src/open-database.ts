import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config/config.ts'
import type { RequestLog } from './http/request-log.ts'
import { isUnavailable, openStore, type StoreAddress } from './store/database.ts'
import { migrate } from './store/migrations.ts'

/** How many milliseconds the server waits for the database when it starts, because the database may also be starting. */
const databasePatienceMs = 30_000

/** Returns the address of the database in these settings. */
export function addressOf({ databaseUrl, databasePoolSize, dataDir }: Config): StoreAddress {
  return databaseUrl === undefined
    ? { file: databaseFile(dataDir) }
    : { databaseUrl, poolSize: databasePoolSize }
}

/**
 * Applies the migrations. Uses separate connections that do not have the usual time limits. If PostgreSQL does not answer, tries again for
 * 30 seconds.
 *
 * @param setting The name of the setting that contains the address of the database. The name is used in messages.
 *
 * @throws TypeError when the database does not answer in time, or when it refuses the connection.
 */
export async function migrateStore(
  address: StoreAddress,
  log: RequestLog,
  setting = 'DATABASE_URL',
): Promise<string[]> {
  const until = performance.now() + databasePatienceMs
  for (let tries = 0; ; tries += 1) {
    const { database } = openStore('file' in address ? address : { ...address, patient: true })
    try {
      return await migrate(database)
    } catch (error) {
      const mayCome = !('file' in address) && isUnavailable(error)
      if (!mayCome || performance.now() > until) throw refusalToStart(error, address, setting)
      if (tries === 0) log.warn({ reason: reasonOf(error) }, 'The database does not answer; trying again.')
    } finally {
      await database.destroy()
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/**
 * Converts an error of `migrate` to the error with which the start fails. If the database is unavailable or refuses access (SQLSTATE 42501,
 * classes 28 and 3D), returns a TypeError whose message says what to check. The message does not contain the address, because the address
 * contains a password. Returns other errors unchanged.
 */
function refusalToStart(error: unknown, address: StoreAddress, setting: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return isUnavailable(error) || /^(?:28|3D|42501)/.test(code)
    ? new TypeError(
        `The database cannot be used (${reasonOf(error)}). ${
          'file' in address
            ? `Check that ${address.file} can be written, and that no other process has it open.`
            : `Check ${setting}, and check that this database server is running.`
        }`,
      )
    : error
}

function reasonOf(error: unknown): string {
  const [cause = error] = error instanceof AggregateError ? error.errors : []
  return cause instanceof Error ? cause.message : 'unknown reason'
}

function databaseFile(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch {
    throw new TypeError(
      `The data folder ${dataDir} cannot be written. Make it writable, or set DATA_DIR to another folder.`,
    )
  }
  return join(dataDir, 'sallyport.db')
}
