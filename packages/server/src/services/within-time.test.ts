import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withinTime } from './within-time.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('returns a result in time, aborts the signal and stops the timer', async () => {
  let signal: AbortSignal | undefined
  const answer = withinTime(100, async (given) => {
    signal = given
    expect(given.aborted).toBe(false)
    return 'done'
  })
  expect(vi.getTimerCount()).toBe(1)
  expect(await answer).toBe('done')
  expect([signal?.aborted, vi.getTimerCount()]).toEqual([true, 0])
})

test.each([
  [
    'throws',
    () => {
      throw new Error('a fault')
    },
  ],
  ['rejects', () => Promise.reject(new Error('a fault'))],
])('rejects with the error of a function that %s', async (_, work) => {
  await expect(withinTime(100, work)).rejects.toThrow('a fault')
  expect(vi.getTimerCount()).toBe(0)
})

test('rejects and aborts the signal after the time limit', async () => {
  let signal: AbortSignal | undefined
  const late = withinTime(100, (given) => {
    signal = given
    return new Promise(() => {})
  })
  const judged = expect(late).rejects.toThrow('The function took more than 100 ms.')
  await vi.advanceTimersByTimeAsync(99)
  expect(signal?.aborted).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await judged
  expect(signal?.aborted).toBe(true)
})
