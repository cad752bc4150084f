import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { loadModule } from './load-module.ts'
import { Refusal } from './refusal.ts'

/** The exports of a module. The content of a JSON file counts as its default export. */
export type Exports = Readonly<Record<string, unknown>>

/**
 * Loads a module of the user's project (`.ts`, `.mjs` or `.js`) or a JSON file. `kind` says in error messages what the file is, such as
 * `configuration file`.
 *
 * @throws Refusal if there is no such file, or if it cannot be read.
 */
export async function loadFile(file: string, kind: string): Promise<Exports> {
  const path = resolve(file)
  try {
    if (extname(file) === '.json') return { default: JSON.parse(await readFile(path, 'utf8')) }
    if (!/\.[cm]?[jt]s$/.test(file)) throw new Refusal(`${file}: a ${kind} must be .ts, .mjs, .js or .json.`)
    return (await loadModule(path)) as Exports
  } catch (error) {
    throw refusalOf(error, { file, path, kind })
  }
}

type Loaded = { file: string; path: string; kind: string }

function refusalOf(error: unknown, { file, path, kind }: Loaded): unknown {
  if (error instanceof Refusal || !(error instanceof Error)) return error
  const code = 'code' in error ? error.code : undefined
  const isMissing =
    code === 'ENOENT' ||
    (code === 'ERR_MODULE_NOT_FOUND' && 'url' in error && error.url === pathToFileURL(path).href)
  if (isMissing) return new Refusal(`There is no ${kind} ${path}.`)
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
