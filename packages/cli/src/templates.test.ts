import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { samplesOf } from '../../../scripts/docs/samples.ts'
import { parts } from './scaffold/parts.ts'

const folder = fileURLToPath(new URL('../templates', import.meta.url))
const read = (path: string) => readFileSync(join(folder, path), 'utf8')

/** Returns the same text without types. */
function inJavaScript(text: string): string {
  return text
    .replace(/^(?:\/\*\* .* \*\/\nexport )?type .*\n\n/gm, '')
    .replace(/(\{ [\w, ]+ \}): (?:\{ .* \}|Given)\)/g, '$1)')
    .replace(/(_previous|form|code|target)(?:: (?:string|FormData|Refused))/g, '$1')
    .replace(/\): Promise<\w+> /g, ') ')
    .replace(/(useRef|querySelector)<\w+>/g, '$1')
}

const typed = globSync('javascript/**/*.js', { cwd: folder }).map((path) => path.replaceAll('\\', '/'))

test.each(typed)('templates/%s is the same as its TypeScript', (path) => {
  const stem = path.replace('javascript', 'typescript').replace(/\.js$/, '')
  const [source = ''] = [`${stem}.tsx`, `${stem}.ts`].filter(
    (file) => globSync(file, { cwd: folder }).length > 0,
  )
  expect(read(path)).toBe(inJavaScript(read(source)))
})

test('every template without a JavaScript file is valid JavaScript', () => {
  const alone = parts
    .flatMap(({ files }) => files)
    .filter((file) => /tsx?$/.test(file) && !typed.includes(`javascript/${file.replace(/tsx?$/, 'js')}`))
  expect(alone.length).toBeGreaterThan(0)
  for (const file of alone)
    expect(inJavaScript(read(`typescript/${file}`)), file).toBe(read(`typescript/${file}`))
})

test('docs/getting-started.md shows the same auth.ts, except its API, and the same proxy.ts and route handler', () => {
  const samples = samplesOf('docs/getting-started.md')
  for (const file of ['auth.ts', 'proxy.ts', 'app/api/[...path]/route.ts']) {
    const code = samples.find((sample) => sample.file === file)?.code.replace(`// file: ${file}\n`, '')
    const withoutApi = (text = '') => text.replace(/apiPaths: \[.*\],.*/, 'apiPaths')
    expect(withoutApi(code)).toBe(withoutApi(read(`typescript/${file}`)))
  }
})
