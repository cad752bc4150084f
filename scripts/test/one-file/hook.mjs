// Loaded by `--import` into the workers of Vitest: replaces the first file of a package by the single file that make.ts has built from that
// package. Other imports are unchanged.
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
