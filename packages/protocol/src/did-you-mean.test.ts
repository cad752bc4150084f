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
  })
})
