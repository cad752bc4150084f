import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { templates } from '../packages/cli/src/import/templates.ts'
import { root } from '../scripts/install.mjs'

test('the page on migrating users shows every template, and none that there is not', () => {
  const page = readFileSync(join(root, 'docs/migrate-users.md'), 'utf8')
  const shown = new Set([...page.matchAll(/--from ([\w-]+)/g)].map(([, name]) => name))
  expect([...shown].sort()).toEqual(Object.keys(templates).sort())
})
