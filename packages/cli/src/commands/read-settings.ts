import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Extensions, SallyportOptions } from '@sallyport/server'
import { Refusal } from './refusal.ts'

export type Settings = {
  options: SallyportOptions
  extensions: Extensions
  /** Where settings can have come from, for a sentence about one that is wrong. */
  file: string | undefined
}

/**
 * The settings of the environment, and of a configuration file below them: what stands in both, the environment decides, so that one
 * file does for every installation and no secret need stand in it.
 *
 * @throws Refusal when there is no such file, or it holds what is no setting.
 */
export async function readSettings(): Promise<Settings> {
  const file = process.env.SALLYPORT_CONFIG || undefined
  const { optionsFromEnvironment, splitConfig } = await import('@sallyport/server')
  const fromEnvironment = optionsFromEnvironment(process.env)
  if (file === undefined) return { options: fromEnvironment, extensions: {}, file }
  const config = await load(file)
  try {
    const { options, extensions } = splitConfig(config)
    return { options: { ...options, ...fromEnvironment }, extensions, file }
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
      throw new Refusal(`${file}: a configuration file is .ts, .mjs, .js or .json.`)
    const module = (await import(pathToFileURL(path).href)) as { default?: unknown }
    if (module.default === undefined)
      throw new Refusal(`${file} exports nothing by default. Write: export default defineConfig({ … })`)
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
      `${file}: this Node.js (${process.version}) runs no TypeScript. Use 22.18 or newer, or .mjs.`,
    )
  // V8 repeats what stands around the fault of a JSON file, and that may be a secret.
  if (extname(file) === '.json' && error instanceof SyntaxError)
    return new Refusal(`${file} is no JSON${/ \(line \d+ column \d+\)/.exec(error.message)?.[0] ?? ''}.`)
  return new Refusal(`${file} cannot be read: ${error.message}`)
}
