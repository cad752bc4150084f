import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckedToken } from './check-token.ts'
import { RememberedTokens } from './remembered-tokens.ts'

const signature = 's'.repeat(86)
const checkedOf = (name: string) => ({ name }) as unknown as CheckedToken

describe('cached tokens', () => {
  test('two tokens with the same signature part are never confused', () => {
    const remembered = new RememberedTokens(10)
    remembered.add(`header.one.${signature}`, checkedOf('one'))
    expect(remembered.find(`header.one.${signature}`)).toEqual({ name: 'one' })
    expect(remembered.find(`header.two.${signature}`)).toBeUndefined()
    expect(remembered.find(signature)).toBeUndefined()
  })

  test('never exceed the limit, and never return the result of another token', () => {
    const step = fc.tuple(fc.constantFrom('add', 'find', 'forget'), fc.integer({ min: 0, max: 20 }))
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.array(step, { maxLength: 200 }), (limit, steps) => {
        const remembered = new RememberedTokens(limit)
        for (const [kind, number] of steps) {
          const token = `header.${number}.${String(number % 7).padEnd(86, 'x')}`
          if (kind === 'add') remembered.add(token, checkedOf(token))
          else if (kind === 'forget') remembered.forget(token)
          else expect(remembered.find(token) ?? checkedOf(token)).toEqual({ name: token })
          if (kind === 'forget') expect(remembered.find(token)).toBeUndefined()
          expect(remembered.size).toBeLessThanOrEqual(limit)
        }
      }),
    )
  })

  test('include a full generation of the newest, and replaced ones are dropped', () => {
    for (const limit of [9, 10]) {
      const remembered = new RememberedTokens(limit)
      const tokenOf = (number: number) => `header.${number}.${String(number).padEnd(86, 'x')}`
      for (let number = 0; number < 100; number += 1) {
        remembered.add(tokenOf(number), checkedOf(tokenOf(number)))
        for (let back = 0; back < Math.min(5, number + 1); back += 1)
          expect(remembered.find(tokenOf(number - back))).toEqual({ name: tokenOf(number - back) })
        expect(remembered.find(tokenOf(number - 11))).toBeUndefined()
      }
    }
  })

  test('are none with a limit of 0, and one with a limit of 1', () => {
    const none = new RememberedTokens(0)
    none.add(`header.one.${signature}`, checkedOf('one'))
    expect(none.find(`header.one.${signature}`)).toBeUndefined()
    expect(none.size).toBe(0)
    const one = new RememberedTokens(1)
    one.add(`header.one.${signature}`, checkedOf('one'))
    expect(one.find(`header.one.${signature}`)).toEqual({ name: 'one' })
    expect(one.size).toBe(1)
  })

  test('hold a token once after repeated use', () => {
    const remembered = new RememberedTokens(10)
    const tokenOf = (number: number) => `header.${number}.${String(number).padEnd(86, 'x')}`
    for (let number = 0; number < 5; number += 1) remembered.add(tokenOf(number), checkedOf('any'))
    for (let number = 0; number < 4; number += 1) remembered.find(tokenOf(number))
    expect(remembered.size).toBe(5)
  })

  test('can be deleted from either generation', () => {
    const remembered = new RememberedTokens(4)
    const tokens = ['a', 'b', 'c'].map((name) => `header.${name}.${name.repeat(86)}`)
    for (const token of tokens) remembered.add(token, checkedOf(token))
    for (const token of tokens) {
      remembered.forget(token)
      expect(remembered.find(token)).toBeUndefined()
    }
    expect(remembered.size).toBe(0)
  })

  test('keep a token that is used regularly, with any number of others', () => {
    const remembered = new RememberedTokens(10)
    const token = `header.kept.${'k'.repeat(86)}`
    remembered.add(token, checkedOf('kept'))
    for (let number = 0; number < 1000; number++) {
      remembered.add(`header.${number}.${String(number).padEnd(86, 'x')}`, checkedOf('other'))
      expect(remembered.find(token)).toEqual({ name: 'kept' })
    }
  })
})
