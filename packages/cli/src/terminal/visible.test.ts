import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toJson, visible, widthOf } from './visible.ts'

test.each([
  ['\u001b[2J', '\\u001b[2J'],
  ['\u009b31m', '\\u009b31m'],
  ['a\nb\r\u0007', 'a\\u000ab\\u000d\\u0007'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['half \ud83d', 'half \\ud83d'],
  ['Ünïcode 李 👩‍👩‍👧', 'Ünïcode 李 👩‍👩‍👧'],
])('%j is shown as %s', (text, shown) => expect(visible(text)).toBe(shown))

test('escapes control characters in every text, and JSON parses to the same value', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, (given) => {
      expect(visible(given)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u)
      expect(visible(given, { lines: true })).not.toMatch(/[^\P{Cc}\n]/u)
      expect(toJson({ given })).not.toMatch(/\p{Cc}/u)
      expect(JSON.parse(toJson({ given }))).toEqual({ given })
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  ['Ada', 3],
  ['李小龍', 6],
  ['ｆｕｌｌ', 8],
  ['e\u0301', 1],
  ['👍', 2],
  ['Straße', 6],
])('%s takes %d columns', (text, columns) => expect(widthOf(text)).toBe(columns))
