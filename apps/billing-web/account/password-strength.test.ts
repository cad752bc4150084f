import { expect, it } from 'vitest'
import { type Estimate, judgePassword } from './password-strength.ts'

const estimate = (score: Estimate['score'], warning: string | null = null, ...suggestions: string[]) => ({
  score,
  warning,
  suggestions,
})

it('returns null for an empty password, and for a long one before the estimator has loaded', () => {
  expect(judgePassword('', estimate(0))).toBeNull()
  expect(judgePassword('a password of some length', null)).toBeNull()
})

it('counts missing characters as code points, with or without the estimator [ASVS 6.2.1]', () => {
  expect(judgePassword('short', null)).toEqual({
    level: 1,
    label: 'Too short',
    advice: '7 more characters to go.',
  })
  expect(judgePassword('🔑'.repeat(11), estimate(4))?.advice).toBe('1 more character to go.')
  expect(judgePassword('e\u0301'.repeat(11), estimate(4))?.label).toBe('Too short')
  expect(judgePassword('🔑'.repeat(12), estimate(4))?.label).toBe('Strong')
})

it('rates a long password by how hard it is to guess, not by its kinds of characters [ASVS 6.2.5]', () => {
  const words = 'two doors, one of them shut'
  expect(judgePassword(words, estimate(4))).toEqual({ level: 4, label: 'Strong', advice: 'Hard to guess.' })
  expect(judgePassword(words, estimate(1, 'Dates are easy to guess.', 'Avoid dates.', 'Another.'))).toEqual({
    level: 1,
    label: 'Weak',
    advice: 'Dates are easy to guess.',
  })
  expect(judgePassword(words, estimate(2, null, 'Add more words.'))?.advice).toBe('Add more words.')
  expect(judgePassword(words, estimate(2))?.advice).toMatch(/Add a word/)
})
