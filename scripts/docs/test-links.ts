import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { root } from '../install.mjs'
import { titlesOf } from './test-titles.ts'

const folders = ['packages/*/src', 'apps', 'scripts', 'docs', 'bench', 'tests']
const begin = '<!-- Links to the tests: written by `npm run docs`. -->'

/**
 * Returns the name of a test file in docs/requirements.md and docs/attacks.md. If a test file is moved to the slow suites, this name does
 * not change.
 */
function nameOf(file: string): string {
  return file
    .replace(/(?:\.slow)?\.test\.ts$/, '')
    .replace(/^packages\//, '')
    .replace(/^apps\//, '')
    .replace(/^([\w-]+)\/src\//, '$1/')
}

/** Returns the test files by the name that {@link nameOf} returns. If a suite has a slow part, the name has two files. */
export function testFiles(): Map<string, string[]> {
  const found = globSync(`{${folders.join()}}/**/*.test.ts`, {
    cwd: root,
    exclude: (path) => String(path).includes('node_modules'),
  })
  const files = found.map((file) => file.replaceAll('\\', '/')).sort()
  return Map.groupBy(files.reverse(), nameOf)
}

/** Returns the titles in a test file. Includes titles from files next to it whose tests are used by several test files. */
export function titlesIn(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const beside = [...source.matchAll(/from '(\.\.?\/[^']+\.ts)'/g)]
    .map(([, path = '']) => join(root, dirname(file), path))
    .filter((path) => !path.endsWith('.test.ts') && existsSync(path))
    .map((path) => readFileSync(path, 'utf8'))
    .filter((text) => text.includes(" from 'vitest'"))
  return [source, ...beside].flatMap(titlesOf)
}

/** Returns the names of tests in a text. A name is in square brackets and has no link. */
export function testsNamedIn(text: string): string[] {
  return [...text.matchAll(/\[([\w-]+(?:\/[\w.-]+)+)\](?![(:])/g)].map(([, name = '']) => name)
}

/** Returns the page. At its end, it has the links to all tests that the page names. */
export function withTestLinks(page: string): string {
  const [body = ''] = readFileSync(join(root, page), 'utf8').split(begin)
  const files = testFiles()
  const links = [...new Set(testsNamedIn(body))].sort().flatMap((name) => {
    const [file] = files.get(name) ?? []
    return file ? [`[${name}]: ${relative('docs', file).replaceAll('\\', '/')}`] : []
  })
  return `${body.trimEnd()}\n\n${begin}\n\n${links.join('\n')}\n`
}
