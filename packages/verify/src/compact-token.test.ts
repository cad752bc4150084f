import { describe, expect, test } from 'vitest'
import { decodeBase64Url, maximumTokenLength, parseCompactToken } from './compact-token.ts'

const encode = (text: string) => Buffer.from(text).toString('base64url')
const header = encode('{"a":1}')
const payload = encode('{"b":2}')
const signature = encode('signed')

describe('a token in compact serialization', () => {
  test('is parsed, and its payload stays bytes', () => {
    const token = `${header}.${payload}.${signature}`
    expect(parseCompactToken(token)).toEqual({
      header: expect.objectContaining({ a: 1 }),
      payload: Buffer.from('{"b":2}'),
      signature: Buffer.from('signed'),
      signingInput: Buffer.from(`${header}.${payload}`),
    })
  })

  test.each([
    ['nothing', ''],
    ['one part', header],
    // The whole text is a valid signature. Without its last character, it is a valid header.
    ['one part that could be all three', `${header}A`],
    ['two parts', `${header}.${payload}`],
    ['two parts and a dot', `${header}.${payload}.`],
    ['four parts', `${header}.${payload}.${signature}.${signature}`],
    ['no header', `.${payload}.${signature}`],
    ['no payload', `${header}..${signature}`],
    ['a header that is not base64url', `${header}=.${payload}.${signature}`],
    ['a payload that is not base64url', `${header}.${payload}+.${signature}`],
    ['a signature that is not base64url', `${header}.${payload}.${signature}/`],
    ['a header that is not JSON', `${encode('{"a":')}.${payload}.${signature}`],
    ['a header that is not an object', `${encode('[1]')}.${payload}.${signature}`],
  ])('is not %s', (_, token) => {
    expect(parseCompactToken(token)).toBeNull()
  })

  test('has at most 8,192 characters', () => {
    const tokenOf = (length: number) => `${header}.${payload}.`.padEnd(length, 'A')
    const lengths = [maximumTokenLength - 2, maximumTokenLength, maximumTokenLength + 1]
    expect(lengths.map((length) => parseCompactToken(tokenOf(length))?.header ?? null)).toEqual([
      { a: 1 },
      { a: 1 },
      null,
    ])
  })
})

test.each(['', 'A', 'AAA=', 'AA==', 'AB', 'AA A', ' AAA', 'A+AA', 'A/AA', 'AAA\n', 'ä'])(
  '%j is not canonical base64url',
  (text) => {
    expect(decodeBase64Url(text)).toBeNull()
  },
)
