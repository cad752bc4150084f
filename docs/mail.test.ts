import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../packages/server/src/config/settings.ts'
import { heldSeconds, staleHours, waitMinutes } from '../packages/server/src/flows/mail-policy.ts'
import { templates } from '../packages/server/src/mail/templates.ts'
import { root } from '../scripts/install.mjs'

const page = readFileSync(join(root, 'docs/mail.md'), 'utf8')

test('the page on mail lists every mail that there is', () => {
  const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(listed).toEqual(Object.keys(templates))
})

test('and its numbers and settings are those of the code', () => {
  expect(page).toContain(`in minutes | ${waitMinutes.join(', ')} |`)
  expect(waitMinutes.length + 1).toBe(10)
  expect(page).toContain(`the tenth try, or ${staleHours} hours |`)
  expect(page).toContain(
    `| the mail of a worker that crashed is taken by another after | ${heldSeconds} seconds |`,
  )
  const known = new Set<string>(Object.values(settings).map(({ env }) => env))
  for (const [name] of page.matchAll(/SALLYPORT_[A-Z_]+/g)) expect(known).toContain(name)
})
