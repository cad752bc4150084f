import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Sallyport } from '@sallyport/server'
import { tell } from '../terminal/print.ts'
import { readSettings, type Settings } from './read-settings.ts'
import { Refusal } from './refusal.ts'

export type Operator = Sallyport['operator']
export type AuditEvent = Awaited<ReturnType<Operator['audit']['latest']>>[number]
export type OperatorUser = NonNullable<Awaited<ReturnType<Operator['users']['find']>>>

/**
 * Opens the store that the environment names, or the file in `SALLYPORT_CONFIG`, as the server does, in this process. Its log would stand on standard output, between
 * our own lines; what one needs to know of it while waiting goes to standard error.
 *
 * @throws Refusal when a setting is missing or wrong, or the database cannot be used.
 */
export async function openSallyport(): Promise<Sallyport> {
  const { createLog, createSallyport } = await import('@sallyport/server')
  const log = createLog('warn', { write: (line) => tellWarning(JSON.parse(line)) })
  const settings = await readSettings()
  return orRefusal(() => createSallyport(settings.options, { ...settings.extensions, log }), settings)
}

/** Does an operator's work on the store, which must be there already: in the wrong folder, an empty one would answer every question wrongly. */
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

/** A `TypeError` at the start is a misconfiguration, whose message says how to fix it. */
export async function orRefusal<T>(start: () => Promise<T>, { file }: Pick<Settings, 'file'>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    const source = file === undefined ? '' : `\nSettings come from the environment, and from ${file}.`
    throw new Refusal(error.message + source)
  }
}

/** @throws Refusal where the settings name a file that is not there. */
export async function requireDatabase(): Promise<void> {
  const { readConfig } = await import('@sallyport/server')
  const settings = await readSettings()
  const { databaseUrl, dataDir } = await orRefusal(async () => readConfig(settings.options), settings)
  const file = resolve(join(dataDir, 'sallyport.db'))
  if (databaseUrl === undefined && isMissing(file))
    throw new Refusal(
      `There is no database ${file}. Set DATA_DIR to the server's folder, or make a new database with: sallyport migrate`,
    )
}

/** Not where it merely cannot be seen: why that is, opening it says. */
function isMissing(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}

/** What the operator is told of an error: a refusal where it is the server's or the database's, else the error itself. */
export async function refusalOf(error: unknown): Promise<unknown> {
  const { FlowError, isUnavailable } = await import('@sallyport/server')
  if (error instanceof FlowError) {
    const { details, reason } = error.refusal
    const faults = details?.errors?.map(({ field, message }) => `${field}: ${message}`).join(' ')
    return new Refusal(faults ?? `The server's own rules refuse this: ${reason ?? error.code}.`)
  }
  if (isUnavailable(error) && error instanceof Error)
    return new Refusal(
      `The database cannot be used right now (${error.message}). Try again: what was not finished was not begun.`,
    )
  return error
}

type Warning = { level: number; msg: string; reason?: string; setting?: string }

function tellWarning({ level, msg, reason, setting }: Warning): void {
  // A setting that is missing while developing is said by the server when it starts, and is no matter of this command.
  if (setting !== undefined) return
  // What is worse than a warning comes from the upkeep, which a running server does as well, and better.
  if (level === 40) tell(reason === undefined ? msg : `${msg} (${reason})`)
}
