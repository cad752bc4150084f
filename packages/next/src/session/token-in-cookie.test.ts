import fc from 'fast-check'
import { expect, it } from 'vitest'
import { tokenFromCookie, tokenToCookie } from './token-in-cookie.ts'

const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
})

it('encodes every token of visible characters for a cookie, and decodes it', () => {
  fc.assert(
    fc.property(visible, (token) => {
      const value = tokenToCookie(token)
      expect(value).toMatch(/^[\w.~-]*$/)
      expect(tokenFromCookie(value)).toBe(token)
    }),
  )
})

it('does not change a JWT', () => {
  expect(tokenToCookie('eyJhbGci-_.eyJ1.c2ln')).toBe('eyJhbGci-_.eyJ1.c2ln')
})
