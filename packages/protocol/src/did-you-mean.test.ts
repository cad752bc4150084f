import { describe, expect, it } from 'vitest'
import { didYouMean } from './did-you-mean.ts'

describe('the known name that is most similar to an unknown one', () => {
  const roles = ['owner', 'manager', 'member', 'finance']
  it.each([
    ['manger', 'manager'],
    ['Manager', 'manager'],
    ['mmeber', 'member'],
    ['financee', 'finance'],
    ['ownr', 'owner'],
  ])('%s: suggests %s', (name, meant) => {
    expect(didYouMean(name, roles)).toBe(` Did you mean ${meant}?`)
  })

  it.each(['billing', 'x', '', 'm'.repeat(100_000)])(
    '%s: suggests nothing, because no name is similar',
    (name) => {
      expect(didYouMean(name, roles)).toBe('')
    },
  )

  it('suggests the name with the fewest changes, the first of several', () => {
    expect(didYouMean('raeder', ['reader', 'leader'])).toBe(' Did you mean reader?')
    expect(didYouMean('ab', ['aa', 'bb'])).toBe(' Did you mean aa?')
    expect(didYouMean('a', [])).toBe('')
    expect(didYouMean('abcdef', ['abcdxy', 'abcdex'])).toBe(' Did you mean abcdex?')
    expect(didYouMean('owner', roles)).toBe('')
    expect(didYouMean('OWNER', roles)).toBe(' Did you mean owner?')
    expect(didYouMean('owner', ['OWNER'])).toBe(' Did you mean OWNER?')
  })

  it.each([
    // A name of up to three characters may have one change. Up to six characters: two changes. More: three.
    ['abc', 'abx', 'axx'],
    ['abcd', 'abxx', 'axxx'],
    ['abcdefg', 'abcdxxx', 'abcxxxx'],
    ['abcdefghijklmnop', 'abcdefghijklmxxx', 'abcdefghijklxxxx'],
    // An extra character, a missing character, and a swap of neighbours each count as one change. A swap over a gap counts as two.
    ['abcdef', 'abcdefgh', 'abcdefghi'],
    ['abcdefgh', 'abcde', 'abcd'],
    ['abcdef', 'badcef', 'badcfe'],
    ['abc', 'bac', 'cba'],
    ['abc', 'acb', 'bca'],
    ['abc', 'bac', 'xac'],
    ['abc', 'acb', 'bxc'],
    ['x', 'yx', 'zyx'],
  ])('%s: %s is similar, and %s is not', (name, near, far) => {
    expect(didYouMean(name, [near])).toBe(` Did you mean ${near}?`)
    expect(didYouMean(name, [far])).toBe('')
  })
})
