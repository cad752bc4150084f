import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { entryAt } from './entry-at.ts'

/** The settings of the auth server. They are not in the file of the pages: anybody who has `SALLYPORT_SECRET` and the database can sign in as any user. */
export const serverFile = '.env.sallyport.local'
export const pagesFile = '.env.local'
/** Next reads this file with lower precedence. A name with a value here must not be overridden. */
export const inheritedFile = '.env'

/** Reads the settings of a file; null if it does not exist. A file that cannot be read has no settings. */
export function readSettings(folder: string, path: string): NodeJS.Dict<string> | null {
  const file = join(folder, path)
  if (entryAt(file) === null) return null
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}
