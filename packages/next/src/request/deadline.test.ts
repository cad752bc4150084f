import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createDeadline } from './deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('calls back once, after the time of the last start', () => {
  const passed = vi.fn()
  const deadline = createDeadline(passed)
  deadline.start(100)
  vi.advanceTimersByTime(99)
  deadline.start(100)
  vi.advanceTimersByTime(99)
  expect(passed).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(passed).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1000)
  expect(passed).toHaveBeenCalledTimes(1)
})

it('does not call back after a stop, or after a start without a limit', () => {
  const passed = vi.fn()
  const deadline = createDeadline(passed)
  for (const end of [() => deadline.stop(), () => deadline.start(0)]) {
    deadline.start(1)
    end()
    vi.advanceTimersByTime(1000)
    expect(passed).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  }
})
