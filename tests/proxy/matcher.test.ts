import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fileExtensions } from '../../packages/next/src/paths/public-file.ts'
import { root } from '../../scripts/install.mjs'
import { recommendedMatcher } from './app-files.ts'

const isBuilt = (path: string) =>
  /(?:^|[\\/])(?:node_modules|\.next|\.packed|samples-\w+|next-app-\w+)(?:[\\/]|$)/.test(path)

it('README, docs, init, examples and TSDoc have the same matcher', () => {
  const files = globSync(
    ['README.md', 'docs/**/*.md', '{packages,apps,examples}/**/*.{md,ts,js}', 'tests/packages/project/*.js'],
    { cwd: root, exclude: isBuilt },
  )
  const found = files
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))
    .filter(({ text }) => text.includes('authProxy('))
    .flatMap(({ file, text }) =>
      // A page about two proxies names ours before its matcher.
      [...text.matchAll(/authProxy\((?:(?!```)[\s\S])*?matcher: ?(\[[^\]]*\])/g)].map(([, matcher]) => ({
        file,
        matcher,
      })),
    )
  const places = [...new Set(found.map(({ file }) => file.replaceAll('\\', '/')))]
  expect(places).toEqual(
    expect.arrayContaining([
      'README.md',
      'docs/getting-started.md',
      'packages/next/README.md',
      'packages/next/src/proxy/auth-proxy.ts',
      'packages/cli/templates/typescript/proxy.ts',
      'apps/billing-web/proxy.ts',
      'examples/shared-domain/proxy.ts',
    ]),
  )
  for (const { file, matcher } of found) expect(matcher, file).toBe(`['${recommendedMatcher}']`)
})

it('docs/proxy.md lists the file extensions', () => {
  const [, listed = ''] =
    /^The file extensions: (.*)\.$/m.exec(readFileSync(join(root, 'docs/proxy.md'), 'utf8')) ?? []
  expect(listed.match(/[\w-]+/g)).toEqual(fileExtensions)
})
