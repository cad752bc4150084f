import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Sallyport } from '@sallyport/server'
import { tell } from '../terminal/print.ts'
import { readSettings, type Settings } from './read-settings.ts'
import { Refusal } from './refusal.ts'

export type Operator = Sallyport['operator']
export type AuditEvent = Awaited<ReturnType<Operator['audit']['latest']>>[number]
export type Factor = Awaited<ReturnType<Operator['users']['factors']>>[number]
export type OperatorUser = NonNullable<Awaited<ReturnType<Operator['users']['find']>>>

/**
 * Opens the store in this process. Like the server, it uses the settings of the environment and of the file in `SALLYPORT_CONFIG`. Warnings
 * are written to standard error, so that they are not mixed with the output of the command.
 *
 * @throws Refusal if a setting is missing or wrong, or if the database cannot be used.
 */
export async function openSallyport(): Promise<Sallyport> {
  const { createLog, createSallyport } = await import('@sallyport/server')
  const log = createLog('warn', { write: (line) => tellWarning(JSON.parse(line)) })
  const settings = await readSettings()
  return orRefusal(() => createSallyport(settings.options, { ...settings.customizations, log }), settings)
}

/**
 * Runs an operator's work on an existing store. If there is no store, it does not create one, because an empty store would give wrong
 * results.
 */
export async function withOperator(work: (operator: Operator) => Promise<void>): Promise<void> {
  await requireDatabase()
  const sallyport = await openSallyport()
  try {
    await work(sallyport.operator)
  } catch (error) {
    throw await refusalOf(error)
  } finally {
    await sallyport.close()
  }
}

/**
 * Runs `start`. If it throws a `TypeError`, a setting is wrong, and the message says how to fix it. In this case, this function throws a
 * refusal instead.
 */
export async function orRefusal<T>(start: () => Promise<T>, { file }: Pick<Settings, 'file'>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const source = file === undefined ? '' : `\nSettings come from the environment, and from ${file}.`
    throw new Refusal(error.message + source)
  }
}

/** @throws Refusal if the database file of the settings does not exist. */
export async function requireDatabase(): Promise<void> {
  const { readConfig } = await import('@sallyport/server')
  const settings = await readSettings()
  const { databaseUrl, dataDir } = await orRefusal(async () => readConfig(settings.options), settings)
  const file = resolve(join(dataDir, 'sallyport.db'))
  if (databaseUrl === undefined && isMissing(file))
    throw new Refusal(
      `There is no database ${file}. Set DATA_DIR to the server's folder, or create a new database with: sallyport migrate`,
    )
}

/** Returns whether a file does not exist. Returns false if the file cannot be accessed, because opening it gives a better error. */
function isMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}

/** If the error comes from the server's checks or from the database, returns a refusal. Otherwise returns the error itself. */
export async function refusalOf(error: unknown): Promise<unknown> {
  const { FlowError, isUnavailable } = await import('@sallyport/server')
  if (error instanceof FlowError) {
    const { details, reason } = error.refusal
    const faults = details?.errors?.map(({ field, message }) => `${field}: ${message}`).join(' ')
    return new Refusal(faults ?? `The server refuses this: ${reason ?? error.code}.`)
  }
  if (isUnavailable(error) && error instanceof Error)
    return new Refusal(
      `The database is not available (${error.message}). Unfinished changes were not stored. Try again.`,
    )
  return error
}

type Warning = { level: number; msg: string; reason?: string; setting?: string }

function tellWarning({ level, msg, reason, setting }: Warning): void {
  // Warnings with `setting` are about settings that may be missing in development. The server itself prints them.
  if (setting !== undefined) return
  // Print only warnings. Errors are not printed: they come from background work that the server also does, and the server logs them itself.
  if (level === 40) tell(reason === undefined ? msg : `${msg} (${reason})`)
}
