import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Customizations, SallyportOptions } from '@sallyport/server'
import { loadModule } from './load-module.ts'
import { Refusal } from './refusal.ts'

export type Settings = {
  options: SallyportOptions
  customizations: Customizations
  /** The path of the configuration file. Error messages contain it. */
  file: string | undefined
}

/**
 * Reads the settings of the environment and of a configuration file. If a setting is in both, the environment is used. So one file can be
 * used for all installations, and it does not have to contain secrets.
 *
 * @throws Refusal if the file does not exist, or if it contains something that is not a setting.
 */
export async function readSettings(): Promise<Settings> {
  const file = process.env.SALLYPORT_CONFIG || undefined
  const { optionsFromEnvironment, splitSettings } = await import('@sallyport/server')
  const fromEnvironment = optionsFromEnvironment(process.env)
  if (file === undefined) return { options: fromEnvironment, customizations: {}, file }
  const config = await load(file)
  try {
    const { options, customizations } = splitSettings(config)
    return { options: { ...options, ...fromEnvironment }, customizations, file }
  } catch (error) {
    if (error instanceof TypeError) throw new Refusal(`${file}: ${error.message.replaceAll('\n', ' ')}`)
    throw error
  }
}

async function load(file: string): Promise<unknown> {
  const path = resolve(file)
  try {
    if (extname(file) === '.json') return JSON.parse(await readFile(path, 'utf8'))
    if (!/\.[cm]?[jt]s$/.test(file))
      throw new Refusal(`${file}: a configuration file must be .ts, .mjs, .js or .json.`)
    const module = (await loadModule(path)) as { default?: unknown }
    if (module.default === undefined)
      throw new Refusal(`${file} has no default export. Write: export default defineConfig({ … })`)
    return module.default
  } catch (error) {
    throw refusalOf(error, file, path)
  }
}

function refusalOf(error: unknown, file: string, path: string): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error
  const code = 'code' in error ? error.code : undefined
  const isMissing =
    code === 'ENOENT' ||
    (code === 'ERR_MODULE_NOT_FOUND' && 'url' in error && error.url === pathToFileURL(path).href)
  if (isMissing) return new Refusal(`There is no configuration file ${path}.`)
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return new Refusal(
      `${file}: this Node.js (${process.version}) cannot run TypeScript. Use 22.18 or newer, or a .mjs file.`,
    )
  // The message of V8 contains the text around the error. This text may be a secret.
  if (extname(file) === '.json' && error instanceof SyntaxError)
    return new Refusal(
      `${file} is not valid JSON${/ \(line \d+ column \d+\)/.exec(error.message)?.[0] ?? ''}.`,
    )
  return new Refusal(`${file} cannot be read: ${error.message}`)
}
