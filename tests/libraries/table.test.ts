import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../scripts/install.mjs'
import { seen } from './seen.ts'

describe('docs/any-backend.md on libraries', () => {
  it('has a row for each library, with the tested version and the results', () => {
    const page = readFileSync(join(root, 'docs/any-backend.md'), 'utf8')
    const section = page.split('## What libraries check')[1]?.split('\n## ')[0] ?? ''
    const rows = section.split('\n').filter((line) => line.endsWith(' | yes |'))
    const words = (names: readonly string[]) => (names.length === 0 ? 'nothing' : names.join('; '))
    expect(rows.map((row) => row.split('|').map((cell) => cell.trim()))).toEqual(
      Object.entries(seen).map(([library, { version, byItself, withSample }]) => [
        '',
        `${library} ${version}`,
        words(byItself),
        expect.stringMatching(/./),
        words(withSample),
        'yes',
        '',
      ]),
    )
  })

  it('names the versions that package.json installs', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const installed = (library: string) =>
      library
        .split(' with ')
        .map((name) => dependencies[name === 'hono/jwk' ? 'hono' : name])
        .join(', ')
    for (const [library, { version }] of Object.entries(seen))
      if (library.split(' with ')[0] === 'hono/jwk' || (library.split(' with ')[0] ?? '') in dependencies)
        expect([library, version]).toEqual([library, installed(library)])
  })
})
