import { expect, test } from 'vitest'
import { createHashQueue, QueueFullError } from './hash-queue.ts'

/** Work that the test ends. */
function work(name: string, started: string[]) {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  return {
    run: () => {
      started.push(name)
      return promise
    },
    finish: () => resolve(name),
    fail: () => reject(new Error(name)),
  }
}

/** Waits for pending microtasks and callbacks. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('runs and queues at most the configured numbers, in order of arrival [A07]', async () => {
  const queue = createHashQueue({ concurrency: 2, queueLength: 2 })
  const started: string[] = []
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => work(name, started))
  if (!a || !b || !c || !d) throw new Error('unreachable')
  const results = [a, b, c, d].map(({ run }) => queue(run))
  await turn()
  expect(started).toEqual(['a', 'b'])
  await expect(queue(async () => 'e')).rejects.toThrow(QueueFullError)
  expect(() => queue.requireCapacity()).toThrow(QueueFullError)
  expect(queue.counts()).toEqual({ running: 2, waiting: 2, refused: 2 })
  b.finish()
  await turn()
  queue.requireCapacity()
  expect(started).toEqual(['a', 'b', 'c'])
  for (const { finish } of [a, c, d]) finish()
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd'])
  expect(await queue(async () => 'f')).toBe('f')
})

test('returns a longer retry time for a longer queue [A07]', async () => {
  const queue = createHashQueue({ concurrency: 1, queueLength: 100 })
  const { run, finish } = work('first', [])
  const all = [queue(run), ...Array.from({ length: 100 }, () => queue(async () => 'x'))]
  const refusal: unknown = await queue(async () => 'y').catch((error: unknown) => error)
  expect(refusal).toMatchObject({ retryAfterSeconds: 3 })
  finish()
  await Promise.all(all)
})

test('work that fails frees its place', async () => {
  const queue = createHashQueue({ concurrency: 1, queueLength: 1 })
  const { run, fail } = work('a', [])
  const first = queue(run)
  const second = queue(async () => 'b')
  fail()
  await expect(first).rejects.toThrow('a')
  expect(await second).toBe('b')
  expect(await queue(async () => 'c')).toBe('c')
})

test('does not run work whose signal is aborted while it waits [A07]', async () => {
  const queue = createHashQueue({ concurrency: 1, queueLength: 2 })
  const started: string[] = []
  const [a, b, c] = ['a', 'b', 'c'].map((name) => work(name, started))
  if (!a || !b || !c) throw new Error('unreachable')
  const gone = new AbortController()
  const first = queue(a.run)
  const second = queue(b.run, gone.signal)
  const third = queue(c.run)
  gone.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  // Its place in the queue is freed at once.
  const fourth = queue(async () => 'd')
  a.finish()
  c.finish()
  expect(await Promise.all([first, third, fourth])).toEqual(['a', 'c', 'd'])
  expect(started).toEqual(['a', 'c'])
  await expect(queue(async () => 'e', AbortSignal.abort(new Error('gone before')))).rejects.toThrow(
    'gone before',
  )
  expect(await queue(async () => 'f')).toBe('f')
})

test('ignores a signal that is aborted while the work runs', async () => {
  const queue = createHashQueue({ concurrency: 1, queueLength: 1 })
  const { run, finish } = work('a', [])
  const gone = new AbortController()
  const first = queue(run, gone.signal)
  gone.abort()
  finish()
  expect(await first).toBe('a')
  expect(await queue(async () => 'b')).toBe('b')
})
