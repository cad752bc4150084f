import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { errorTable } from './billing-error.ts'

test('the README lists exactly the codes of the table', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
  const listed = [...readme.matchAll(/^\| `(\w+)` +\| (\d{3}) +\|$/gm)].map(([, code, status]) => [
    code,
    Number(status),
  ])
  expect(listed).toEqual(Object.entries(errorTable).map(([code, { status }]) => [code, status]))
})

test('a title is one public sentence', () => {
  for (const { title } of Object.values(errorTable)) expect(title).toMatch(/^[A-Z][^\n]+\.$/)
})
