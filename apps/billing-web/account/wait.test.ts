import { expect, it } from 'vitest'
import { formatWait } from './wait.ts'

it.each([
  [0, '5 seconds'],
  [1, '5 seconds'],
  [7, '10 seconds'],
  [45, '45 seconds'],
  [46, 'a minute'],
  [60, 'a minute'],
  [61, '2 minutes'],
  [300, '5 minutes'],
  [3541, 'an hour'],
  [3600, 'an hour'],
  [3601, '2 hours'],
  [86_400, '24 hours'],
])('%i seconds are %s', (seconds, words) => expect(formatWait(seconds)).toBe(words))
