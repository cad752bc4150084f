import { expect, test } from 'vitest'
import { idsOf, titlesOf } from './test-titles.ts'

test('finds the title of a test, whatever its form', () => {
  const source = `
    test('plain', () => {})
    it("it’s in double quotes", () => {})
    describe.each([1, 'a)', /[)(]"/, \`\${'b)'}\`])('with rows: %s', () => {})
    test.each<[keyof typeof levels, Partial<Event>]>([['info', {}]])(
      // a comment
      'with a type: %s', () => {})
    it.each\`a | b\`('of a table', () => {})
    test('don\\'t stop', () => {})
    test(name, () => {})
    expect(await site.visit('no title')).toBe(true)
    regexp.test('no title either')
  `
  expect(titlesOf(source)).toEqual([
    'plain',
    'it’s in double quotes',
    'with rows: %s',
    'with a type: %s',
    'of a table',
    "don't stop",
  ])
})

test.each([
  ['J12: a token', ['J12']],
  ['a lost answer (R02, R04)', ['R02', 'R04']],
  ['N-06, A08: the whole', ['N-06', 'A08']],
  ['ASVS 6.2.4, 6.2.11, N-04: common', ['N-04', 'ASVS 6.2.4', 'ASVS 6.2.11']],
  ['N02–N04: every spelling', ['N02', 'N04', 'N03']],
  ['INT-01 to INT-03: tells', ['INT-01', 'INT-03', 'INT-02']],
  ['normalised [GHSA-7rqj-j65f-68wh]', ['GHSA-7rqj-j65f-68wh']],
  ['as RFC 7662 section 2.1 has it [CWE-400], CVE-2026-73421', ['CVE-2026-73421', 'RFC 7662', 'CWE-400']],
  ['UTF-16, SHA-256, 404, S3 and the 25 of ASVS 5.0', []],
])('reads the ids of %j', (title, ids) => {
  expect(idsOf(title).sort()).toEqual([...ids].sort())
})
