import { describe, expect, test } from 'vitest'
import { judgeClaims, maxClaimBytes } from './added-claims.ts'

describe('the claims that the hook returns', () => {
  test('are added unchanged, with every type of JSON', () => {
    const claims = {
      plan: 'pro',
      seats: 3,
      trial: false,
      paid: true,
      partner: null,
      teams: [1, [null, true], { lead: false }],
      limits: { a: { b: { c: 1 } } },
    }
    expect(judgeClaims(claims)).toEqual(claims)
  })

  test('may have 1,024 bytes and no more', () => {
    const room = maxClaimBytes - JSON.stringify({ text: '' }).length
    expect(judgeClaims({ text: 'x'.repeat(room) }).text).toHaveLength(room)
    expect(() => judgeClaims({ text: 'x'.repeat(room + 1) })).toThrow('1025 bytes, and the maximum is 1024')
  })

  test('may be nested five deep and no deeper', () => {
    expect(judgeClaims({ a: [[[[[1]]]]] })).toEqual({ a: [[[[[1]]]]] })
    expect(() => judgeClaims({ a: [[[[[[]]]]]] })).toThrow('nested more than 5 levels deep')
  })

  test.each(['plan', 'P', 'https://example.com/plan-2_b', 'x'.repeat(128)])('may be named %s', (name) => {
    expect(judgeClaims({ [name]: 1 })).toEqual({ [name]: 1 })
  })

  test.each(['', '1plan', ' plan', '_plan', 'plan ', 'plan\n', 'pl\u00e4n', 'x'.repeat(129)])(
    'may not be named %j',
    (name) => {
      expect(() => judgeClaims({ [name]: 1 })).toThrow('The name of a claim must begin with a letter')
    },
  )

  test.each(['sub', 'roles', 'permissions', 'exp'])(
    'may not name %s, which has a meaning of its own',
    (name) => {
      expect(() => judgeClaims({ [name]: 'x' })).toThrow(`The claim ${name} has a reserved name`)
    },
  )

  test.each([
    ['a member __proto__ beside others', JSON.parse('{"a":{"b":1,"__proto__":1}}'), 'named __proto__'],
    [
      'half a character in one name of two',
      { a: { b: 1, '\ud800': 1 } },
      'a name with an unpaired surrogate',
    ],
    ['infinity', { a: [Number.POSITIVE_INFINITY] }, 'a number that JSON cannot represent'],
    ['a symbol', { a: Symbol('x') }, 'is not JSON'],
  ])('may not hold %s', (_, claims, why) => {
    expect(() => judgeClaims(claims)).toThrow(why)
  })

  test.each([
    ['null', null],
    ['nothing', undefined],
    ['a text', 'plan'],
    ['a list', []],
    ['a promise', Promise.resolve({})],
    ['an instance of a class', new Map()],
  ])('may not be %s', (_, answer) => {
    expect(() => judgeClaims(answer)).toThrow('must return an object of claims')
  })

  test('may be an object without a prototype', () => {
    expect(judgeClaims(Object.assign(Object.create(null), { plan: 'pro' }))).toEqual({ plan: 'pro' })
  })
})
