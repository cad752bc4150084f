import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../scripts/install.mjs'

const pages = ['backup', 'calling-your-api', 'operations', 'pass-through', 'security-model', 'throttles']
const textOf = (page: string) => readFileSync(join(root, 'docs', `${page}.md`), 'utf8')

const link = /\[`?([^\]`]+)`?\]\((\S+?\.test\.ts)\)/g
const path = /[\w./-]+\.test\.ts/g
const namesATest = (text: string) => text.search(path) !== -1

/** Sections by heading; a heading of the third level begins one of its own. */
function sectionsOf(page: string): [heading: string, text: string][] {
  const [, ...sections] = `\n${textOf(page)}`.split(/\n##+ /)
  return sections.map((section) => {
    const [heading = '', ...lines] = section.split('\n')
    return [heading, lines.join('\n')]
  })
}

/** Bullets, and rows of tables without their head. */
function linesOf(section: string): string[] {
  const lines = section.split('\n')
  const isHead = (at: number) => /^\|[\s|:-]+\|$/.test(lines[at + 1] ?? '')
  return lines.filter((line, at) => /^[-*] /.test(line) || (/^\|.*[^\s|:-]/.test(line) && !isHead(at)))
}

describe.each(pages)('docs/%s.md', (page) => {
  it('names test files that exist, and links to what it names', () => {
    const text = textOf(page)
    const links = [...text.matchAll(link)]
    expect(links.length).toBeGreaterThan(0)
    const wrong = links.filter(
      ([, label = '', to = '']) =>
        !existsSync(join(root, 'docs', to)) || (label.endsWith('.ts') && label !== basename(to)),
    )
    expect(wrong.map(([all]) => all)).toEqual([])
    const bare = [...text.replace(link, '').matchAll(path)].map(([file]) => file)
    expect(bare.filter((file) => !existsSync(join(root, file)))).toEqual([])
  })

  it('names a test in each section', () => {
    const silent = sectionsOf(page)
      .filter(([, text]) => text.trim() !== '' && !namesATest(text))
      .map(([heading]) => heading)
    expect(silent).toEqual([])
  })
})

it('each bullet and each row of docs/security-model.md names the test that shows it', () => {
  const exempt = new Set([
    // Limits, not promises; what they promise beside that is linked.
    'What it does not protect against',
    // The sentence before the table names the tests of every row.
    'Your own route handlers',
  ])
  const sections = sectionsOf('security-model')
  expect([...exempt].filter((heading) => !sections.some(([known]) => known === heading))).toEqual([])
  const lines = sections.filter(([heading]) => !exempt.has(heading)).flatMap(([, text]) => linesOf(text))
  expect(lines.length).toBeGreaterThan(30)
  expect(lines.filter((line) => !namesATest(line))).toEqual([])
})
