import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../install.mjs'
import { titlesOf } from './test-titles.ts'

const folders = ['packages/*/src', 'apps', 'scripts', 'docs', 'bench', 'tests']
const begin = '<!-- Links to the tests: written by `npm run docs`. -->'

/** The name of a test file in docs/requirements.md and docs/attacks.md. A suite that becomes slow keeps its name. */
function nameOf(file: string): string {
  return file
    .replace(/(?:\.slow)?\.test\.ts$/, '')
    .replace(/^packages\//, '')
    .replace(/^apps\//, '')
    .replace(/^([\w-]+)\/src\//, '$1/')
}

/** Returns the files of every test, by that name; two if a suite has a slow part. */
export function testFiles(): Map<string, string[]> {
  const found = globSync(`{${folders.join()}}/**/*.test.ts`, {
    cwd: root,
    exclude: (path) => String(path).includes('node_modules'),
  })
  const files = found.map((file) => file.replaceAll('\\', '/')).sort()
  return Map.groupBy(files.reverse(), nameOf)
}

/** Returns the titles in a test file, and in files next to it that contain tests for several. */
export function titlesIn(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const beside = [...source.matchAll(/from '(\.\.?\/[^']+\.ts)'/g)]
    .map(([, path = '']) => join(root, dirname(file), path))
    .filter((path) => !path.endsWith('.test.ts') && existsSync(path))
    .map((path) => readFileSync(path, 'utf8'))
    .filter((text) => text.includes(" from 'vitest'"))
  return [source, ...beside].flatMap(titlesOf)
}

/** Returns the tests that a text names, in square brackets and without a link. */
export function testsNamedIn(text: string): string[] {
  return [...text.matchAll(/\[([\w-]+(?:\/[\w.-]+)+)\](?![(:])/g)].map(([, name = '']) => name)
}

/** Returns the page, with links to the tests that it names at its end. */
export function withTestLinks(page: string): string {
  const [body = ''] = readFileSync(join(root, page), 'utf8').split(begin)
  const files = testFiles()
  const links = [...new Set(testsNamedIn(body))].sort().flatMap((name) => {
    const [file] = files.get(name) ?? []
    return file ? [`[${name}]: ${relative('docs', file).replaceAll('\\', '/')}`] : []
  })
  return `${body.trimEnd()}\n\n${begin}\n\n${links.join('\n')}\n`
}
