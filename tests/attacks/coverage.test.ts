import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../../scripts/install.mjs'

const page = readFileSync(join(root, 'docs/attacks.md'), 'utf8')
const [tried = '', exempt = ''] = page.split('## What does not apply')
const rowsIn = (text: string) => [...text.matchAll(/^\| ([ASCXD]\d\d) \|/gm)].map(([, row = '']) => row)

/** The rows that the titles of tests name, comments left aside. */
function namedRows(): Set<string> {
  const files = globSync(['packages/*/src/**/*.test.ts', 'apps/*/**/*.test.ts', 'tests/**/*.test.ts'], {
    cwd: root,
    exclude: (path) => String(path).includes('node_modules'),
  })
  const title = /\b(?:test|it|describe)\b[\s\S]{0,4000}?(['`])(.*?[^\\])\1/g
  return new Set(
    files.flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8')
      return [...text.matchAll(title)].flatMap(([, , words = '']) => words.match(/\b[ASCXD]\d\d\b/g) ?? [])
    }),
  )
}

test('every attack on the page is tried by a test that names it, and the others say why not', () => {
  const named = namedRows()
  expect(rowsIn(tried).filter((row) => !named.has(row))).toEqual([])
  expect(rowsIn(exempt).filter((row) => named.has(row))).toEqual([])
  expect([...named].filter((row) => !rowsIn(tried).includes(row))).toEqual([])
})

test('no row is missing between the first and the last of its letter, and none stands there twice', () => {
  const rows = [...rowsIn(tried), ...rowsIn(exempt)]
  expect(new Set(rows).size).toBe(rows.length)
  for (const [letter, last] of Object.entries({ S: 20, C: 16, X: 16, A: 21, D: 12 }))
    for (let number = 1; number <= last; number += 1)
      expect(rows).toContain(`${letter}${String(number).padStart(2, '0')}`)
})
