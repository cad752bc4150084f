import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { authOptionNames } from '../packages/next/src/config/config.ts'
import { settings } from '../packages/server/src/config/settings/settings.ts'
import { root } from '../scripts/install.mjs'

test('docs/configuration.md has a row for each option of createAuth and authProxy', () => {
  const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8')
  const section = page.split('## The Next app')[1]?.split('\n## ')[0] ?? ''
  const rows = [...section.matchAll(/^\|[^|]*\| `(\w+)`/gm)].map(([, name]) => name)
  const proxy = readFileSync(join(root, 'packages/next/src/proxy/proxy-options.ts'), 'utf8')
  const declared = /export type ProxyOptions<.*> = [^{]*\{(.*?)^\}/ms.exec(proxy)?.[1] ?? ''
  const ofProxy = [...declared.matchAll(/^ {2}(\w+)\?:/gm)].map(([, name]) => name)
  expect(ofProxy).toContain('adopt')
  expect([...authOptionNames, ...ofProxy].filter((name) => !rows.includes(name))).toEqual([])
})

test('pages that explain the refresh rule name its default grace period', () => {
  expect(settings.refreshGraceSeconds.schema.parse(undefined)).toBe(10)
  for (const page of [
    'README.md',
    'docs/refresh.md',
    'docs/clocks.md',
    'docs/how-a-request-travels.md',
    'docs/operations.md',
  ])
    expect(readFileSync(join(root, page), 'utf8'), page).toMatch(
      /(?:[Ww]ithin|grace period of) ten seconds|ten seconds by default/,
    )
})
