import { Readable } from 'node:stream'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { encodeApiBody } from './api-body.ts'

class Invoice {
  readonly total = 7
}
class Hidden {
  readonly #total = 7
  get total() {
    return this.#total
  }
}
const circle: Record<string, unknown> = { name: 'a' }
circle.self = { list: [circle] }

function itself(this: unknown) {
  return this
}

describe('refuses a value that JSON cannot represent, and names its position', () => {
  it.each<[string, unknown, RegExp]>([
    ['a function', { onDone: () => {} }, /body\.onDone is a function/],
    ['a symbol', [Symbol('a')], /body\[0\] is a symbol/],
    ['a BigInt', { amount: 7n }, /body\.amount is a bigint/],
    ['NaN', { items: [{ total: 1 }, { total: Number.NaN }] }, /body\.items\[1\]\.total is NaN/],
    ['an infinity', Number.POSITIVE_INFINITY, /body is NaN or infinite/],
    ['a Map', { rows: new Map([['a', 1]]) }, /body\.rows is a Map/],
    ['a Set', new Set([1]), /body is a Set/],
    ['an invalid Date', { at: new Date('no date') }, /body\.at is an invalid Date/],
    ['a regular expression', { match: /a/ }, /body\.match is a RegExp/],
    ['an Error', { cause: new Error('a') }, /body\.cause is a Error/],
    ['a Promise', { later: Promise.resolve(1) }, /body\.later is a Promise/],
    ['a file inside an object', { file: new Blob(['a']) }, /body\.file is a Blob/],
    ['a form inside an object', { form: new FormData() }, /body\.form is a FormData/],
    ['bytes inside an object', { bytes: new Uint8Array(2) }, /body\.bytes is a Uint8Array/],
    ['a Buffer inside an object', { bytes: Buffer.from('a') }, /body\.bytes is a Uint8Array/],
    ['an instance that hides what it holds', { invoice: new Hidden() }, /body\.invoice is an instance/],
    ['undefined in a list', { ids: [1, undefined] }, /body\.ids\[1\] is undefined/],
    // biome-ignore lint/suspicious/noSparseArray: this is the case.
    ['a hole in a list', { ids: [1, , 2] }, /body\.ids\[1\] is undefined/],
    ['a circle', circle, /body\.self\.list\[0\] is a part of itself/],
    ['a list of what toJSON leaves out', [{ toJSON: () => undefined }], /body\[0\] is undefined/],
    ['a body of which toJSON says nothing', { toJSON: () => undefined }, /body is undefined/],
    ['a member of what names itself', { a: { b: 7n, toJSON: itself } }, /body\.a\.b is a bigint/],
    ['a Map that names itself', Object.assign(new Map(), { toJSON: itself }), /body is a Map/],
    [
      'a circle through toJSON',
      { a: { toJSON: () => circle } },
      /body\.a\.self\.list\[0\] is a part of itself/,
    ],
    ['an instance without members', { a: new (class Empty {})() }, /body\.a is an instance/],
    ['a member toJSON that is none to call', { toJSON: 7n }, /body\.toJSON is a bigint/],
    ['a Date that toJSON returns', { at: { toJSON: () => new Date(0) } }, /body\.at is a Date/],
    ['what toJSON makes of it', { money: { toJSON: () => 7n } }, /body\.money is a bigint/],
  ])('%s', (_, body, message) => {
    expect(() => encodeApiBody(body)).toThrow(TypeError)
    expect(() => encodeApiBody(body)).toThrow(message)
  })

  it('never has the value in the message', () => {
    const body = { password: 'hunter2', check: () => 'hunter2' }
    expect(() => encodeApiBody(body)).toThrow(expect.not.stringContaining('hunter2'))
  })
})

describe('sends other values as JSON', () => {
  const twice = { a: 1 }
  it.each<[string, unknown, string]>([
    ['an object', { a: 1, b: [true, null, 'c'] }, '{"a":1,"b":[true,null,"c"]}'],
    ['a member that is undefined', { a: 1, b: undefined }, '{"a":1}'],
    ['null', null, 'null'],
    ['a number', 7, '7'],
    ['a Date', { at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    ['a URL', [new URL('https://example.com/a')], '["https://example.com/a"]'],
    ['an instance that shows what it holds', new Invoice(), '{"total":7}'],
    ['a member that toJSON leaves out', { a: 1, b: { toJSON: () => undefined } }, '{"a":1}'],
    ['a member toJSON that is none to call', { toJSON: 7 }, '{"toJSON":7}'],
    ['what names itself', { a: { b: 1, toJSON: itself } }, '{"a":{"b":1}}'],
    ['an empty object', {}, '{}'],
    ['an empty object without a prototype', [Object.create(null)], '[{}]'],
    ['one object in two places', { x: twice, y: twice }, '{"x":{"a":1},"y":{"a":1}}'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    ['an object of another realm', runInNewContext('({ a: [1], b: {} })'), '{"a":[1],"b":{}}'],
  ])('%s', (_, body, json) =>
    expect(encodeApiBody(body)).toEqual({
      body: json,
      contentType: 'application/json',
      isRepeatable: true,
    }),
  )
})

describe('sends body types of fetch unchanged', () => {
  const bytes = 'application/octet-stream'
  it.each<[string, unknown, string | null]>([
    ['text', 'text', null],
    ['a form', new FormData(), null],
    ['fields of a form', new URLSearchParams('a=1'), null],
    ['a file with a type', new Blob(['a'], { type: 'text/csv' }), null],
    ['a file without one', new Blob(['a']), bytes],
    ['bytes', new Uint8Array(2), bytes],
    ['a buffer of bytes', new ArrayBuffer(2), bytes],
  ])('%s, also a second time', (_, body, contentType) => {
    expect(encodeApiBody(body)).toEqual({ body, contentType, isRepeatable: true })
    expect(encodeApiBody(body).body).toBe(body)
  })

  it('nothing', () => {
    expect(encodeApiBody(undefined)).toEqual({ body: null, contentType: null, isRepeatable: true })
  })

  it('a web or Node stream, once', async () => {
    const web = new Blob(['a']).stream()
    expect(encodeApiBody(web)).toEqual({ body: web, contentType: bytes, isRepeatable: false })
    const { body, contentType, isRepeatable } = encodeApiBody(
      Readable.from([Buffer.from('a'), Buffer.from('b')]),
    )
    expect([contentType, isRepeatable]).toEqual([bytes, false])
    expect(await new Response(body).text()).toBe('ab')
  })
})
