import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** Folders that contain no code of the product itself. If the operator names such a folder, it is read. */
const skippedFolders = ['node_modules', 'dist', 'out', 'coverage', '__tests__']

/**
 * Yields the paths of the TypeScript and JavaScript files of a file or folder, in the order of their names. Leaves out declarations (`.d.ts`)
 * and tests (`.test.` and `.spec.`), and in folders also installed packages, build results and everything whose name begins with a dot.
 */
export function* sourceFiles(path: string): Generator<string> {
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  const entries = readdirSync(path, { withFileTypes: true })
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const { name } = entry
    if (name.startsWith('.')) continue
    if (entry.isDirectory()) {
      if (!skippedFolders.includes(name)) yield* sourceFiles(join(path, name))
    } else if (entry.isFile() && isSource(name)) yield join(path, name)
  }
}

function isSource(name: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(name) && !/\.d\.[cm]?ts$|\.(?:test|spec)\.\w+$/.test(name)
}
