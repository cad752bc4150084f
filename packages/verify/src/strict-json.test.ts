import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJsonObject } from './strict-json.ts'

const parse = (text: string) => parseJsonObject(Buffer.from(text))

describe('parseJsonObject', () => {
  test('reads every object that JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 10 })), (value) => {
        const text = JSON.stringify(value)
        expect(JSON.stringify(parse(text))).toBe(text)
      }),
    )
  })

  test('refuses a duplicate member with any name, at any place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 5 }), (name, value) => {
        const spelling = JSON.stringify(name)
        const escaped = `"${[...Array(name.length).keys()].map((at) => `\\u${name.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
        const text = JSON.stringify(value)
        expect(parse(`{${spelling}:${text},${escaped} : 1}`)).toBeNull()
        expect(parse(`{"x":[{"y":{${escaped}:0,"other":${text},${spelling}:1}}]}`)).toBeNull()
      }),
    )
  })

  test.each(['[]', '[1]', '"x"', '1', 'null', 'true', '', '{', '{"a":1}x', '\ufeff{}'])(
    '%j is not an object',
    (text) => {
      expect(parse(text)).toBeNull()
    },
  )

  test('refuses a number too large for a double at any depth, but not in a string', () => {
    for (const number of ['1e400', '-1e400', '1E309', `1${'0'.repeat(400)}`]) {
      expect(parse(`{"a":${number}}`), number).toBeNull()
      expect(parse(`{"a":[{"b":${number}}]}`), number).toBeNull()
      expect(parse(`{"a":"${number}"}`)).toEqual({ a: number })
    }
    expect(parse('{"a":1e300,"b":1e-400,"c":-1.5E2}')).toEqual({ a: 1e300, b: 0, c: -150 })
  })

  test('accepts at most sixteen levels', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect(parse(nested(16))).not.toBeNull()
    expect(parse(nested(17))).toBeNull()
  })

  test('reads a member named __proto__ as an ordinary member [J17]', () => {
    const value = parse('{"__proto__":{"roles":["owner"]}}')
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.keys(value ?? {})).toEqual(['__proto__'])
    expect(value?.roles).toBeUndefined()
  })
})
