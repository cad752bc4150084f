import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyringOf } from './keyring.ts'
import { createRefreshTokens } from './refresh-token.ts'

const secret = 'server-7RtYh3NbVc9XzLk5JhGf2DsAqW'
const tokens = createRefreshTokens(keyringOf(secret))
const sessionId = '0199b3c4-7f5e-7a31-9d42-5c8e1f60a7b3'
const salt = 'c2FsdC1vZi1zaXh0ZWVu'
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('a refresh token', () => {
  test('is the same each time for the same values, and parses to them', () => {
    fc.assert(
      fc.property(
        fc.uuid({ version: 7 }),
        fc.nat(2 ** 32 - 1),
        fc.nat(2 ** 16 - 1),
        (id, generation, branch) => {
          const token = tokens.make(id, salt, generation, branch)
          expect(tokens.make(id, salt, generation, branch)).toBe(token)
          const parsed = tokens.parse(token)
          expect(parsed).toMatchObject({ sessionId: id, generation, branch })
          expect(parsed && tokens.isGenuine(parsed, salt)).toBe(true)
        },
      ),
    )
  })

  test('has one spelling: any changed character is refused without the database [J13]', () => {
    const token = tokens.make(sessionId, salt, 3, 1)
    for (let index = 0; index < token.length; index++)
      for (const other of alphabet)
        if (other !== token[index])
          expect(tokens.parse(token.slice(0, index) + other + token.slice(index + 1))).toBeNull()
    for (const other of [
      `${token}=`,
      `${token} `,
      ` ${token}`,
      `${token}\n`,
      token.slice(0, -1),
      `${token}A`,
      '',
    ])
      expect(tokens.parse(other)).toBeNull()
    const dashed = Array.from({ length: 50 }, (_, branch) => tokens.make(sessionId, salt, 3, branch)).filter(
      (one) => one.includes('-'),
    )
    expect(dashed.length).toBeGreaterThan(0)
    for (const one of dashed) expect(tokens.parse(one.replace('-', '+'))).toBeNull()
  })

  test('returns null for garbage and does not throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => tokens.parse(text) === null),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 54, maxLength: 54 }), (bytes) => {
        expect(tokens.parse(Buffer.from(bytes).toString('base64url'))).toBeNull()
      }),
    )
  })

  test('cannot be made from the secret without the salt', () => {
    const forged = tokens.parse(tokens.make(sessionId, 'YW5vdGhlci1zYWx0LW9mLTE2', 3, 1))
    expect(forged).not.toBeNull()
    expect(forged && tokens.isGenuine(forged, salt)).toBe(false)
  })

  test('cannot be made from the database without the secret, and is refused before the database is read', () => {
    const other = createRefreshTokens(keyringOf('another-8KjHgFdSaQwErTyUiOpZxCvB'))
    expect(tokens.parse(other.make(sessionId, salt, 3, 1))).toBeNull()
  })

  test('is not valid for another session, generation or branch', () => {
    const parsed = tokens.parse(tokens.make(sessionId, salt, 3, 1))
    expect(parsed).not.toBeNull()
    for (const change of [
      { sessionId: '0199b3c4-7f5e-7a31-9d42-5c8e1f60a7b4' },
      { generation: 4 },
      { branch: 0 },
    ])
      expect(parsed && tokens.isGenuine({ ...parsed, ...change }, salt)).toBe(false)
  })

  test('while a secret is replaced, new tokens use the new one, and tokens of both are verified with their own', () => {
    const former = 'former-8KjHgFdSaQwErTyUiOpZxCvBnM'
    const both = createRefreshTokens(keyringOf(secret, former))
    expect(both.make(sessionId, salt, 3, 1)).toBe(tokens.make(sessionId, salt, 3, 1))
    for (const [keyIndex, maker] of [tokens, createRefreshTokens(keyringOf(former))].entries()) {
      const parsed = both.parse(maker.make(sessionId, salt, 3, 1))
      expect(parsed).toMatchObject({ sessionId, generation: 3, branch: 1, keyIndex })
      expect(parsed && both.isGenuine(parsed, salt)).toBe(true)
      expect(parsed && both.isGenuine({ ...parsed, keyIndex: 1 - keyIndex }, salt)).toBe(false)
      expect(() => parsed && both.isGenuine({ ...parsed, keyIndex: 2 }, salt)).toThrow(
        'There is no such key.',
      )
    }
  })

  test('fits into a cookie and a body, and has 192 bits that cannot be guessed [S13]', () => {
    expect(tokens.make(sessionId, salt, 0, 0)).toMatch(/^[\w-]{72}$/)
  })
})
