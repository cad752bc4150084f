import { describe, expect, it } from 'vitest'
import { didYouMean } from './did-you-mean.ts'

describe('the nearest name to one that nobody defined', () => {
  const roles = ['owner', 'manager', 'member', 'finance']
  it.each([
    ['manger', 'manager'],
    ['Manager', 'manager'],
    ['mmeber', 'member'],
    ['financee', 'finance'],
    ['ownr', 'owner'],
  ])('%s: asks whether %s was meant', (name, meant) => {
    expect(didYouMean(name, roles)).toBe(` Did you mean ${meant}?`)
  })

  it.each(['billing', 'x', '', 'm'.repeat(100_000)])('%s: says nothing, because no name is near', (name) => {
    expect(didYouMean(name, roles)).toBe('')
  })

  it('prefers the fewest changes, and the first of equals', () => {
    expect(didYouMean('raeder', ['reader', 'leader'])).toBe(' Did you mean reader?')
    expect(didYouMean('ab', ['aa', 'bb'])).toBe(' Did you mean aa?')
    expect(didYouMean('a', [])).toBe('')
    expect(didYouMean('abcdef', ['abcdxy', 'abcdex'])).toBe(' Did you mean abcdex?')
    expect(didYouMean('owner', roles)).toBe('')
    expect(didYouMean('OWNER', roles)).toBe(' Did you mean owner?')
    expect(didYouMean('owner', ['OWNER'])).toBe(' Did you mean OWNER?')
  })

  it.each([
    // A name of up to three characters may have one change, of up to six two, and of any length three.
    ['abc', 'abx', 'axx'],
    ['abcd', 'abxx', 'axxx'],
    ['abcdefg', 'abcdxxx', 'abcxxxx'],
    ['abcdefghijklmnop', 'abcdefghijklmxxx', 'abcdefghijklxxxx'],
    // One character more or less, and neighbours that were swapped, count one each; a swap over a gap does not.
    ['abcdef', 'abcdefgh', 'abcdefghi'],
    ['abcdefgh', 'abcde', 'abcd'],
    ['abcdef', 'badcef', 'badcfe'],
    ['abc', 'bac', 'cba'],
    ['abc', 'acb', 'bca'],
    ['abc', 'bac', 'xac'],
    ['abc', 'acb', 'bxc'],
    ['x', 'yx', 'zyx'],
  ])('%s: %s is near, and %s is not', (name, near, far) => {
    expect(didYouMean(name, [near])).toBe(` Did you mean ${near}?`)
    expect(didYouMean(name, [far])).toBe('')
  })
})
