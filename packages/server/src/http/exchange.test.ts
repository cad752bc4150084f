import { expect, test } from 'vitest'
import { bearerOf } from './exchange.ts'

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['Bearer   a.b-c_d~e+f/g=', 'a.b-c_d~e+f/g='],
])('%j is one bearer token', (header, token) => {
  expect(bearerOf(new Headers({ authorization: header }))).toBe(token)
})

test.each([
  '',
  'Bearer',
  'Bearerabc',
  'Basic abc',
  'Bearer a b',
  'Bearer a\tb',
  'Bearer a,b',
  'Bearer a, Bearer b',
  'Bearer a,',
  'Bearer ,a',
  'token Bearer abc',
])('%j is none', (header) => {
  expect(bearerOf(new Headers({ authorization: header }))).toBeNull()
})

test('without the header there is no token', () => {
  expect(bearerOf(new Headers())).toBeNull()
})
