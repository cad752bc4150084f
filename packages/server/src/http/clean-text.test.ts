import { expect, test } from 'vitest'
import { isCleanText, requireCleanParameters } from './clean-text.ts'

test.each(['', 'a', '\u{1f600}', 1, null, undefined, true, [], ['a', [1]], { a: { b: 'c' } }])(
  '%j is clean',
  (value) => {
    expect(isCleanText(value)).toBe(true)
  },
)

test.each(['\0', 'a\0b', '\ud800', ['a', '\0'], { a: '\0' }, { '\0': 'a' }, { a: [{ b: '\udfff' }] }])(
  '%j is not',
  (value) => {
    expect(isCleanText(value)).toBe(false)
  },
)

test('a path with a NUL in a parameter gets 404', () => {
  expect(() => requireCleanParameters({ id: 'a' })).not.toThrow()
  expect(() => requireCleanParameters({})).not.toThrow()
  for (const parameters of [{ id: 'a\0' }, { id: 'a', other: '\ud800' }])
    expect(() => requireCleanParameters(parameters)).toThrow(expect.objectContaining({ code: 'not_found' }))
})
