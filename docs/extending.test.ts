import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { changed, page, rows, sectionNames, steps } from '../scripts/docs/extending-page.ts'
import { titlesIn } from '../scripts/docs/test-links.ts'
import { root } from '../scripts/install.mjs'

test('the page has steps and checks for each kind of addition', () => {
  const kinds = [
    'A claim',
    'A mail',
    'A setting',
    'An endpoint',
    'A sign-in method',
    'A command',
    'A migration',
  ]
  expect(sectionNames).toEqual(kinds)
  for (const kind of kinds) {
    expect(steps.filter(({ section }) => section === kind).length, kind).toBeGreaterThan(1)
    expect(rows.filter(({ section }) => section === kind).length, kind).toBeGreaterThan(0)
  }
  // A block or a row that is written in another way would be skipped.
  expect(steps).toHaveLength(page.match(/^```\w/gm)?.length ?? 0)
  expect(rows).toHaveLength(page.match(/^\| `/gm)?.length ?? 0)
})

// `extending.slow.test.ts` runs the result. This test finds at once that a page no longer fits the code.
test('every change fits the present file, and every new file is new', () => {
  const files = new Map<string, string>()
  for (const { file, change, code } of steps) {
    if (!change) expect(existsSync(join(root, file)), file).toBe(false)
    const present = files.get(file) ?? (change ? readFileSync(join(root, file), 'utf8') : '')
    files.set(file, change ? changed(present, code) : code)
  }
})

test('every test that a table names exists', () => {
  for (const { check, prints } of rows) {
    const file = /^npx vitest run (\S+)$/.exec(check)?.[1]
    if (file !== undefined) expect(titlesIn(file).join('\n'), file).toContain(prints)
  }
})
