import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { samplePages, samplesOf } from '../scripts/docs/samples.ts'
import { root } from '../scripts/install.mjs'

describe('every sample in the docs', () => {
  it.each(samplePages)('%s: compiles as it stands, against the real packages', (page) => {
    const samples = samplesOf(page)
    expect(samples.length).toBeGreaterThan(0)
    // Inside the example app, so that packages resolve as they do for a customer.
    const folder = mkdtempSync(join(root, 'apps/billing-web/samples-'))
    try {
      for (const { file, code } of samples) {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), code)
      }
      // As in every Next app: it declares what `import './globals.css'` is.
      writeFileSync(join(folder, 'next-env.d.ts'), '/// <reference types="next" />\n')
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: '../../../packages/next/tsconfig.json',
          compilerOptions: { lib: ['es2024', 'dom', 'dom.iterable'] },
          include: ['**/*.ts', '**/*.tsx'],
        }),
      )
      const { stdout, status } = spawnSync(
        process.execPath,
        [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
        { encoding: 'utf8' },
      )
      expect(stdout).toBe('')
      expect(status).toBe(0)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('every relative link and image leads to a file', async () => {
    const { existsSync, globSync, readFileSync } = await import('node:fs')
    const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })]
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
        .filter(([, to = '']) => !existsSync(join(root, dirname(page), to)))
        .map(([, to]) => `${page}: ${to}`),
    )
    expect(dead).toEqual([])
  })

  it('every link to a section names a heading of that page', async () => {
    const { globSync, readFileSync } = await import('node:fs')
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
