import { Readable } from 'node:stream'
import { expect, it, vi } from 'vitest'
import { streamOf } from './stream-of.ts'

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** A body that gives its parts one by one, and what is asked of it. */
function bodyOf(...parts: string[]) {
  const read = vi.fn(function (this: Readable) {
    this.push(parts.length === 0 ? null : Buffer.from(parts.shift() ?? ''))
  })
  return { read, body: new Readable({ read, highWaterMark: 1 }) }
}

it('yields the parts as they arrive, and ends with them', async () => {
  const { body } = bodyOf('a', 'b')
  expect(await new Response(streamOf(body, { silenceMs: 0, isSent: () => true })).text()).toBe('ab')
})

it('reads from the API only when the browser reads', async () => {
  const parts = { next: vi.fn(async () => ({ done: false, value: new Uint8Array(1) })) }
  const body = { [Symbol.asyncIterator]: () => parts, destroy: vi.fn() } as unknown as Readable
  const reader = streamOf(body, { silenceMs: 0, isSent: () => true }).getReader()
  await settled()
  expect(parts.next).not.toHaveBeenCalled()
  await reader.read()
  await settled()
  expect(parts.next).toHaveBeenCalledTimes(1)
})

it('cancels the API’s response when the browser has disconnected', async () => {
  const { body } = bodyOf('a', 'b')
  const reader = streamOf(body, { silenceMs: 0, isSent: () => true }).getReader()
  await reader.read()
  await reader.cancel()
  expect(body.destroyed).toBe(true)
})

it('fails if the API pauses for too long after the complete request', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    let isSent = false
    const body = new Readable({ read() {} })
    const reader = streamOf(body, { silenceMs: 2000, isSent: () => isSent }).getReader()
    const first = reader.read()
    await vi.advanceTimersByTimeAsync(10_000)
    body.push('a')
    expect((await first).value?.byteLength).toBe(1)
    isSent = true
    await vi.advanceTimersByTimeAsync(10_000)
    expect(body.destroyed).toBe(false)
    const second = reader.read().catch((error: Error) => error.message)
    await vi.advanceTimersByTimeAsync(1999)
    expect(body.destroyed).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(await second).toBe('The API sent nothing for 2 s in the middle of a body.')
    expect(vi.getTimerCount()).toBe(0)
  } finally {
    vi.useRealTimers()
  }
})
