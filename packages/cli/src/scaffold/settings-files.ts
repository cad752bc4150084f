import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { entryAt } from './entry-at.ts'

/**
 * The file with the settings of the auth server. They are not in the file of the pages, because anybody who has `SALLYPORT_SECRET` and the
 * database can sign in as any user.
 */
export const serverFile = '.env.sallyport.local'
export const pagesFile = '.env.local'
/** Next reads this file too, with lower precedence. If it has a value for a name, our files must not override the value. */
export const inheritedFile = '.env'

/** Reads the settings of a file. Returns null if the file does not exist. If it cannot be read, returns no settings. */
export function readSettings(folder: string, path: string): NodeJS.Dict<string> | null {
  const text = readSettingsText(folder, path)
  return text === null ? null : parseEnv(text)
}

/** Reads the text of a file with settings, including its comments. Returns null if the file does not exist, and '' if it cannot be read. */
export function readSettingsText(folder: string, path: string): string | null {
  const file = join(folder, path)
  if (entryAt(file) === null) return null
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
