import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The oldest version of Next that `@sallyport/next` allows as its peer dependency. */
export const minNextVersion = '16.4.5'

/** Returns the installed version of a package. It looks in the folder and in the folders above. Returns null if it finds none. */
export function installedVersion(folder: string, name: string): string | null {
  const file = join(folder, 'node_modules', name, 'package.json')
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  return dirname(folder) === folder ? null : installedVersion(dirname(folder), name)
}

/**
 * Returns whether a version, or the lowest version of a range, is lower than `least`. For tags and catalogs (`latest`, `catalog:`): false.
 */
export function isOlder(version: string, least: string): boolean {
  const [found, wanted] = [numbersOf(version), numbersOf(least)]
  if (found === null || wanted === null) return false
  const at = found.findIndex((number, index) => number !== wanted[index])
  return at !== -1 && (found[at] ?? 0) < (wanted[at] ?? 0)
}

function numbersOf(version: string): number[] | null {
  const found = /^[\^~>=v\s]*(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version)
  return found?.slice(1).map((digits) => Number(digits ?? 0)) ?? null
}
