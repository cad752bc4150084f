import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The peer dependency of `@sallyport/next`. */
export const minNextVersion = '16.4.5'

/** Returns the version of a package that is installed in a folder or above it; null if there is none. */
export function installedVersion(folder: string, name: string): string | null {
  const file = join(folder, 'node_modules', name, 'package.json')
  if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
  return dirname(folder) === folder ? null : installedVersion(dirname(folder), name)
}

/** Whether a version, or the lowest of a range, is lower than another. False for tags and catalogs (`latest`, `catalog:`). */
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
