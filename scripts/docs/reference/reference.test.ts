import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { root } from '../../install.mjs'
import { documentedEntries, referencePages, unexplained } from './pages.ts'
import { parseTsDoc } from './tsdoc.ts'
import { shapeOf } from './zod-shape.ts'

// These tests compile the packages if they have changed, which takes long.
vi.setConfig({ testTimeout: 120_000 })

describe('the reference of the packages', () => {
  it('explains every exported name, every option and every field', async () => {
    expect(await unexplained()).toEqual([])
  })

  it('has every name that can be imported, under its entry', async () => {
    const listed = readFileSync(join(root, 'tests/packages/exports.txt'), 'utf8').trimEnd().split('\n')
    const entries = listed.filter((line) => !line.startsWith(' '))
    expect([...documentedEntries].sort()).toEqual([...entries].sort())
    const pages = await referencePages()
    const missing: string[] = []
    for (const entry of entries) {
      const page = pages.find(({ text }) => text.includes(`\n## ${entry}\n`))?.text ?? ''
      for (let at = listed.indexOf(entry) + 1; listed[at]?.startsWith(' '); at++) {
        const name = listed[at]?.trim().replace('type ', '') ?? ''
        if (!page.includes(`\n### ${name}\n`)) missing.push(`${entry} ${name}`)
      }
    }
    expect(missing).toEqual([])
  })

  it('shows options with their types, what is thrown, and examples as code', async () => {
    const pages = new Map((await referencePages()).map(({ file, text }) => [file, text]))
    expect(pages.get('docs/reference/next-server.md')).toMatch(
      /^- `refreshBeforeExpirySeconds\?: number`\n\n {2}.*Default: 60; from 0 to 3,600\.$/m,
    )
    expect(pages.get('docs/reference/verify.md')).toMatch(
      /^### createVerifier\n[^#]+```ts\nfunction createVerifier<.+>\(options: VerifierOptions<Defined>\): Verifier<Defined>\n```\n\nThrows TypeError .*\n\n```ts\nimport/m,
    )
    expect(pages.get('docs/reference/protocol.md')).toMatch(
      /^### User\n\n.*\n\n```ts\ntype User = \{\n {2}id: string\n(?: {2}.*\n)* {2}fields\?: Record<string, string \| number \| boolean>\n\}/m,
    )
  })
})

describe('a TSDoc comment', () => {
  it('is split into its tags, and lines that belong together are joined', () => {
    expect(
      parseTsDoc(`*
 * Returns the sum
 * of two, see {@link add}.
 *
 * A second paragraph.
 *
 * @param one - The first.
 * @throws TypeError for what is
 * no number.
 * @deprecated Use
 * {@link sum}.
 * @example
 * add(1, 2)
 *
 * add(3, 4)
 `),
    ).toEqual({
      summary: 'Returns the sum of two, see `add`.\n\nA second paragraph.',
      deprecated: 'Use `sum`.',
      params: [{ name: 'one', text: 'The first.' }],
      returns: '',
      throws: ['TypeError for what is no number.'],
      examples: ['add(1, 2)\n\nadd(3, 4)'],
    })
  })

  it('refuses a tag that no page would show', () => {
    expect(() => parseTsDoc('* Old.\n * @beta Soon.')).toThrow('@beta')
  })
})

it('shows the shape of a schema as a TypeScript type', () => {
  const schema = z.object({
    id: z.string(),
    at: z.number().int().nullable(),
    kinds: z.array(z.enum(['a', 'b'])).optional(),
    rest: z.record(z.string(), z.union([z.string(), z.boolean()])),
  })
  expect(shapeOf(schema)).toBe(
    '{ id: string; at: number | null; kinds?: ("a" | "b")[]; rest: Record<string, string | boolean> }',
  )
  expect(shapeOf(z.union([z.object({ a: z.literal(1) }), z.string()]))).toBe('{ a: 1 } | string')
})
