import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settings } from '../packages/server/src/config/settings/settings.ts'
import { templates } from '../packages/server/src/mail/templates.ts'
import { heldSeconds, staleHours, waitMinutes } from '../packages/server/src/services/mail-policy.ts'
import { root } from '../scripts/install.mjs'

const page = readFileSync(join(root, 'docs/mail.md'), 'utf8')

test('the page on mail lists every mail that there is', () => {
  const listed = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)
  expect(listed).toEqual(Object.keys(templates))
})

test('its table of numbers holds those of the code', () => {
  const valuesOf = (about: string) => {
    const rows = page.split('\n').filter((line) => line.startsWith('|') && line.includes(about))
    expect(rows, about).toHaveLength(1)
    const [, , value = ''] = (rows[0] ?? '').split('|')
    return value.match(/\d+/g)?.map(Number)
  }
  expect(valuesOf('next try')).toEqual([...waitMinutes])
  expect(valuesOf('not tried again after')).toEqual([waitMinutes.length + 1, staleHours])
  expect(valuesOf('crashed')).toEqual([heldSeconds])
  expect(valuesOf('without a mail server')).toEqual([staleHours])
})

test('every setting that it names is one', () => {
  const known = new Set<string>(Object.values(settings).map(({ env }) => env))
  const named = [...page.matchAll(/SALLYPORT_[A-Z_]+/g)].map(([name]) => name)
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((name) => !known.has(name))).toEqual([])
})
