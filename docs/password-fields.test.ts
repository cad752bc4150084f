import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../scripts/install.mjs'

/** The example, what `sallyport init` writes, and the samples of the docs: everything that is copied into an app. */
const files = globSync(
  ['apps/billing-web/**/*.tsx', 'packages/cli/templates/**/*.{tsx,jsx,js}', '{README,docs/**/*}.md'],
  { cwd: root, exclude: (path) => /node_modules|\.next/.test(String(path)) },
).map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }))

const inputs = files.flatMap(({ file, text }) =>
  [...text.matchAll(/<input\b(?:\{[^}]*\}|=>|[^>{])*>/g)].map(([tag]) => ({ file, tag })),
)

test('ASVS 6.2.6, 6.2.7: whoever types a password hides it, and password managers are told which one it is', () => {
  // Nobody types into a hidden field: the example signs in to its public demo accounts with one.
  const typed = inputs.filter(({ tag }) => !/type="hidden"/.test(tag))
  const fields = typed.filter(({ tag }) => /name="\w*[pP]assword"|type=.*password/.test(tag))
  expect(fields.length).toBeGreaterThan(4)
  for (const { file, tag } of fields) {
    expect(tag, file).toMatch(/type=(?:"password"|\{isShown \? 'text' : 'password'\})/)
    expect(tag, file).toMatch(/autoComplete=(?:"(?:current|new)-password"|\{props\.autoComplete\})/)
    expect(tag, file).not.toMatch(/readOnly|maxLength|pattern=/)
  }
  expect(files.filter(({ text }) => /\bonPaste\b/.test(text))).toEqual([])
})
