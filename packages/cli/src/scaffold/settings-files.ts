import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { entryAt } from './entry-at.ts'

/** What the auth server alone reads. It is not in the pages' own file: whoever has `SALLYPORT_SECRET` can sign in as anybody. */
export const serverFile = '.env.sallyport.local'
export const pagesFile = '.env.local'
/** What Next reads below it: a name that has a value here must not get ours on top. */
export const inheritedFile = '.env'

/** The settings of a file; null where nothing is there. What cannot be read has none. */
export function readSettings(folder: string, path: string): NodeJS.Dict<string> | null {
  const file = join(folder, path)
  if (entryAt(file) === null) return null
  try {
    return parseEnv(readFileSync(file, 'utf8'))
  } catch {
    return {}
  }
}
