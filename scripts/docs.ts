// Writes the generated pages of docs/. With --check, it writes nothing, and fails if a page is not up to date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedPages } from './docs/pages.ts'
import { root } from './install.mjs'

const check = process.argv.includes('--check')
const stale: string[] = []
for (const { file, text } of await generatedPages()) {
  const path = join(root, file)
  if (!check) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) stale.push(file)
}
if (stale.length > 0) {
  console.error(`${stale.join(', ')}: differs from the code. Run: npm run docs`)
  process.exit(1)
}
console.log(check ? 'Docs: the generated pages match the code.' : 'Docs: written.')
