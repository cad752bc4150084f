import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BillingError } from '../billing-error.ts'
import { parseStrictJson } from './strict-json.ts'

const parse = (text: string | Uint8Array) =>
  parseStrictJson(typeof text === 'string' ? Buffer.from(text) : text)
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`

describe('refuses JSON that parsers read differently [D02]', () => {
  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['a comment', '{"a":1/* */}'],
    ['a trailing comma', '{"a":1,}'],
    ['single quotes', "{'a':1}"],
    ['NaN', '{"a":NaN}'],
    ['two values', '{} {}'],
    ['half an object', '{"a":'],
    ['a byte order mark', '\uFEFF{}'],
    ['bytes that are not UTF-8', new Uint8Array([0x22, 0xff, 0x22])],
    ['an overlong encoding', new Uint8Array([0x22, 0xc0, 0xaf, 0x22])],
    ['UTF-16', new Uint8Array(Buffer.from('{"a":1}', 'utf16le'))],
    ['a key twice', '{"a":1,"a":1}'],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}'],
    ['a key twice, further in', '{"x":[{"b":{"a":1,"c":2,"a":3}}]}'],
    ['a key twice, around an object', '{"a":{"b":1},"a":2}'],
    ['__proto__ [D01]', '{"__proto__":{"admin":true}}'],
    ['an escaped __proto__ [D01]', '{"\\u005f_proto__":{"admin":true}}'],
    ['nesting of 17', nested(17)],
    ['a depth bomb', nested(100_000)],
    ['a depth bomb of objects', '{"a":'.repeat(50_000)],
  ])('%s', (_, text) => {
    expect(() => parse(text)).toThrow(BillingError)
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })
})

test('accepts brackets and quotes within strings', () => {
  for (const value of [
    { a: '{"b":1,"b":2}', c: '"a":"a"' },
    ['\\', '\\"', '"a":', '[[[', '{'.repeat(40)],
    'x:"y"',
  ])
    expect(parse(JSON.stringify(value))).toEqual(value)
})

test('accepts the same key in different objects, and 16 levels', () => {
  expect(parse('{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}')).toEqual({
    a: { a: { a: 1 } },
    b: [{ a: 1 }, { a: 2 }],
  })
  expect(() => parse(nested(16))).not.toThrow()
})

test('returns the same value as JSON.parse', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      fc.pre(!text.includes('__proto__'))
      expect(parse(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('refuses every object with a duplicate key', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, maxKeys: 4 }),
      fc.nat(),
      (object, pick) => {
        fc.pre(!JSON.stringify(object).includes('__proto__'))
        const keys = Object.keys(object)
        const key = keys[pick % keys.length] ?? ''
        const doubled = `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(key)}:0}`
        expect(() => parse(doubled)).toThrow(BillingError)
      },
    ),
  )
})

test('parses 64 KiB of hostile JSON quickly [D04]', () => {
  const worst = [
    `{"a":"${'\\"'.repeat(32_000)}`,
    '"'.repeat(65_000),
    '\\'.repeat(65_000),
    `["${'\\\\'.repeat(32_000)}"]`,
  ]
  for (const text of worst) {
    const started = performance.now()
    try {
      parse(text)
    } catch {}
    expect(performance.now() - started).toBeLessThan(50)
  }
})
