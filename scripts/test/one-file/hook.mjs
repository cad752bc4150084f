// `--import` loads this file into the workers of Vitest. If a worker imports a package that make.ts has built into one file, this hook
// replaces the import by that file. Other imports are not changed.
import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const folder = new URL('../../../node_modules/.cache/one-file/', import.meta.url)
const made = readList()

if (made.size > 0)
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context)
      const file = made.get(found.url)
      return file === undefined ? found : { ...found, url: new URL(file, folder).href }
    },
  })

/** @returns {Map<string, string>} */
function readList() {
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(new URL('list.json', folder), 'utf8'))))
  } catch {
    return new Map()
  }
}
