import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'rolldown/parseAst'
import { describe, expect, test } from 'vitest'
import { samplesOf } from '../../../scripts/docs/samples.ts'
import { partsOf } from './scaffold/parts.ts'
import { type Piece, piecesOf } from './scaffold/pieces.ts'
import { chosenLines } from './scaffold/template-text.ts'

const folder = fileURLToPath(new URL('../templates', import.meta.url))
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

/** Returns the same text without types. */
function inJavaScript(text: string): string {
  return text
    .replace(/^import type .*\n/gm, '')
    .replace(/^(?:\/\*\* .* \*\/\n(?=export type))?(?:export )?type [\s\S]*?\n\n/gm, '')
    .replace(/(\{ [\w, =']+ \}): (?:\{ .* \}|Given)\)/g, '$1)')
    .replace(
      /\b(_?previous|form|code|target|token|returnTo|id|name|work|asksCode): (?:string|boolean|FormData|Refused|Shown|SetUp|\(\) => Promise<PasskeyResult>)(?=[,)])/g,
      '$1',
    )
    .replace(/\): Promise<\w+> /g, ') ')
    .replace(/(useRef|useState|querySelector)<\w+>/g, '$1')
}

const names: Piece[] = ['passkey', 'mail', 'providers', 'secondFactor']
const choices = Array.from(
  { length: 2 ** names.length },
  (_, bits) => new Set(names.filter((_name, at) => bits & (2 ** at))),
)
const sources = globSync('typescript/**/*.{ts,tsx,css}', { cwd: folder }).map((path) =>
  path.replaceAll('\\', '/').replace('typescript/', ''),
)
const plain = (file: string) => `javascript/${file.replace(/\.tsx?$/, '.js')}`
const hasPlain = (file: string) => !file.endsWith('.css') && existsSync(join(folder, plain(file)))

test.each(sources.filter(hasPlain))(
  'the JavaScript of %s is the same as its TypeScript, for all ways to sign in',
  (file) => {
    for (const pieces of choices) {
      const typed = chosenLines(read(`typescript/${file}`), pieces)
      expect(chosenLines(read(plain(file)), pieces), [...pieces].join()).toBe(inJavaScript(typed))
    }
  },
)

test('every template without a JavaScript file has no types', () => {
  const alone = sources.filter((file) => !file.endsWith('.css') && !hasPlain(file))
  expect(alone.length).toBeGreaterThan(0)
  for (const file of alone)
    expect(inJavaScript(read(`typescript/${file}`)), file).toBe(read(`typescript/${file}`))
})

test('every template is written for some choice, and each JavaScript file belongs to one', () => {
  const all = new Set(partsOf(new Set(names)).flatMap(({ files }) => files))
  expect([...all].sort()).toEqual([...sources].sort())
  expect(
    globSync('javascript/**/*.js', { cwd: folder })
      .map((path) => path.replaceAll('\\', '/'))
      .sort(),
  ).toEqual(sources.filter(hasPlain).map(plain).sort())
})

describe.each(choices.map((pieces) => [[...pieces].join(' ') || 'none', pieces] as const))(
  'the files for the pieces %s',
  (_, pieces) => {
    const files = [...new Set(partsOf(pieces).flatMap((part) => part.files))]
    const stems = files.map((file) => file.replace(/\.tsx?$/, ''))
    const code = files.filter((file) => !file.endsWith('.css'))
    const written = (file: string) =>
      chosenLines(read(hasPlain(file) ? plain(file) : `typescript/${file}`), pieces)

    test('can be parsed as JavaScript, and have no marks', () => {
      for (const file of files) {
        expect(written(file), file).not.toMatch(/@if|@end|\/\/:|\/\*:/)
        expect(written(file), file).not.toMatch(/\n\n\n|\n\n$/)
      }
      for (const file of code) parseAst(written(file), { lang: 'jsx', sourceType: 'module' }, file)
    })

    test('import only files that are written, and use all their imports', () => {
      for (const file of code) {
        const text = written(file)
        for (const [, found = '', path = ''] of text.matchAll(/^import (.*?)(?: from )?'([^']*)'$/gm)) {
          if (path.startsWith('.')) expect(stems).toContain(posix.join(posix.dirname(file), path))
          for (const [name] of found.matchAll(/\w+/g))
            expect(text.match(new RegExp(`\\b${name}\\b`, 'g'))?.length, `${file}: ${name}`).toBeGreaterThan(
              1,
            )
        }
      }
    })

    test('use each class of their styles, and no other', () => {
      const classes = (kind: readonly string[], pattern: RegExp) =>
        [
          ...new Set(kind.flatMap((file) => [...written(file).matchAll(pattern)].map(([name]) => name))),
        ].sort()
      const styles = files.filter((file) => file.endsWith('.css'))
      const name = /(?<=\.)sallyport-[\w-]+/g
      expect(classes(code, /(?<=[" ])sallyport-[\w-]+(?=[" ])/g)).toEqual(classes(styles, name))
    })
  },
)

test('docs/getting-started.md shows the same auth.ts, except its API, and the same proxy.ts and route handler', () => {
  const samples = samplesOf('docs/getting-started.md')
  for (const file of ['auth.ts', 'proxy.ts', 'app/api/[...path]/route.ts']) {
    const code = samples.find((sample) => sample.file === file)?.code.replace(`// file: ${file}\n`, '')
    const template = chosenLines(read(`typescript/${file}`), piecesOf({}))
    const withoutApi = (text = '') => text.replace(/apiPaths: \[.*\],.*/, 'apiPaths')
    expect(withoutApi(code)).toBe(withoutApi(template))
  }
})
