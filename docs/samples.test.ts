import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samplePages, samplesOf } from '../scripts/docs/samples.ts'
import { root } from '../scripts/install.mjs'

describe('every sample in the docs', () => {
  // Inside the example app, so that packages resolve as they do for a customer.
  const folder = mkdtempSync(join(root, 'apps/billing-web/samples-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const nameOf = (page: string) => page.replace(/\.md$/, '').replaceAll('/', '-')

  /** Compiles the samples of these pages, each in a folder of its own, and returns the messages of the compiler. */
  function compile(name: string, pages: readonly string[]): string {
    const place = join(folder, name)
    for (const page of pages)
      for (const { file, code } of samplesOf(page)) {
        mkdirSync(dirname(join(place, nameOf(page), file)), { recursive: true })
        writeFileSync(join(place, nameOf(page), file), code)
      }
    // As in every Next app: it declares what `import './globals.css'` is.
    writeFileSync(join(place, 'next-env.d.ts'), '/// <reference types="next" />\n')
    writeFileSync(
      join(place, 'tsconfig.json'),
      JSON.stringify({
        extends: '../../../../packages/next/tsconfig.json',
        compilerOptions: { lib: ['es2024', 'dom', 'dom.iterable'] },
        include: ['**/*.ts', '**/*.tsx'],
      }),
    )
    const compiler = join(root, 'node_modules/typescript/bin/tsc')
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', place], { encoding: 'utf8' })
    return stdout
  }

  /** A page with declarations changes the types of all others, so it is compiled by itself. */
  const isAlone = (page: string) => samplesOf(page).some(({ file }) => file.endsWith('.d.ts'))
  let together = ''
  beforeAll(() => {
    together = compile(
      'together',
      samplePages.filter((page) => !isAlone(page)),
    )
  })

  it.each(samplePages)('%s: compiles as it stands, against the real packages', (page) => {
    expect(samplesOf(page).length).toBeGreaterThan(0)
    const messages = isAlone(page) ? compile(nameOf(page), [page]) : together
    // The reasons of an error are in the indented lines below it.
    const errors = messages.split(/\n(?! )/).filter((message) => message !== '')
    expect(errors.filter((message) => message.includes(`/${nameOf(page)}/`))).toEqual([])
    expect(
      errors.filter((message) => !samplePages.some((one) => message.includes(`/${nameOf(one)}/`))),
    ).toEqual([])
  })

  it('every page with samples is compiled', () => {
    const pages = globSync(['README.md', 'docs/**/*.md'], { cwd: root }).map((page) =>
      page.replaceAll('\\', '/'),
    )
    const withSamples = pages.filter((page) => /^\/\/ file: /m.test(readFileSync(join(root, page), 'utf8')))
    // docs/extending.slow.test.ts and tests/libraries compile and run those of these pages.
    const elsewhere = ['docs/extending.md', 'docs/libraries.md']
    expect(withSamples.filter((page) => !elsewhere.includes(page)).sort()).toEqual(samplePages.toSorted())
  })

  it('every relative link and image leads to a file', () => {
    const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })]
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .filter(([, to = '']) => !existsSync(join(root, dirname(page), to)))
        .map(([, to]) => `${page}: ${to}`),
    )
    expect(dead).toEqual([])
  })

  it('every link to a section names a heading of that page', () => {
    const pages = globSync(['*.md', 'docs/**/*.md', '{packages,examples,bench}/**/README.md'], {
      cwd: root,
      exclude: ['**/node_modules/**'],
    })
    expect(pages.length).toBeGreaterThan(80)
    const textOf = (page: string) => readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```/gms, '')
    const dead = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)/g)]
        .filter(([, to = '', section = '']) => {
          const target = to === '' ? page : join(dirname(page), to)
          return target.endsWith('.md') && !sectionsOf(textOf(target)).includes(section)
        })
        .map(([, to, section]) => `${page}: ${to}#${section}`),
    )
    expect(dead).toEqual([])
  })
})

/** The names that GitHub gives to the headings of a page. */
function sectionsOf(text: string): string[] {
  const names = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
  return names.map((name, at) => {
    const before = names.slice(0, at).filter((other) => other === name).length
    return before === 0 ? name : `${name}-${before}`
  })
}
