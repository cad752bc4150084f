import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../scripts/install.mjs'

/** Where people read what to type. */
const texts = [
  '*.md',
  '{docs,examples,bench,apps}/**/*.{md,ts,tsx}',
  'packages/*/README.md',
  'packages/*/{src,templates}/**/*.{ts,tsx,js}',
  'scripts/**/*.{ts,mjs}',
]

test('no text tells anybody to run a package named sallyport that is not installed', () => {
  const files = globSync(texts, {
    cwd: root,
    // Another test writes `samples-*` while this one runs.
    exclude: ['**/node_modules/**', '**/.next*/**', '**/samples-*/**', '**/*.test.ts'],
  })
  expect(files.length).toBeGreaterThan(400)
  // These download what is not installed; npx does not with --no. After --no, npx takes --version for its own.
  const unsafe =
    /\b(?:npx(?! --no\b)|pnpm dlx|yarn dlx|bunx)\s+(?:-\S+\s+)*sallyport\b|npx --no sallyport --version/
  const found = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((line, at) => (unsafe.test(line) ? [`${file}:${at + 1}`] : [])),
  )
  expect(found).toEqual([])
})
