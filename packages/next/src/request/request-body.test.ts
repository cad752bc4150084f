import { expect, it } from 'vitest'
import { bodyOf } from './request-body.ts'

const kilobytes = 1024

/** A request whose body comes in these parts, and how many of them were asked for. */
function requestOf(sizes: number[] | null, headers: Record<string, string> = {}) {
  const bench = { pulled: 0, isCancelled: false }
  const body =
    sizes &&
    new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const size = sizes[bench.pulled]
          bench.pulled += 1
          if (size === undefined) controller.close()
          else controller.enqueue(new Uint8Array(size).fill(bench.pulled))
        },
        cancel() {
          bench.isCancelled = true
        },
      },
      { highWaterMark: 0 },
    )
  return Object.assign(bench, { request: { headers: new Headers(headers), body } as unknown as Request })
}

async function givenBody(request: Request) {
  const body = await bodyOf(request)
  if (body === null) throw new Error('There is no body.')
  return body
}

async function sizesOf(parts: AsyncIterable<Uint8Array>): Promise<number[]> {
  const sizes: number[] = []
  for await (const part of parts) sizes.push(part.byteLength)
  return sizes
}

it('reads nothing in advance if there is a Content-Length', async () => {
  const bench = requestOf([3, 4], { 'content-length': '7' })
  const body = await givenBody(bench.request)
  expect([body.length, bench.pulled]).toEqual([7, 0])
  expect(await sizesOf(body.parts)).toEqual([3, 4])
})

it('reads nothing in advance if there is a Transfer-Encoding', async () => {
  const bench = requestOf([3], { 'transfer-encoding': 'chunked' })
  expect((await bodyOf(bench.request))?.length).toBeNull()
  expect(bench.pulled).toBe(0)
})

it('returns no body for a request without one', async () => {
  expect(await bodyOf(requestOf(null).request)).toBeNull()
  expect(await bodyOf(requestOf(null, { 'transfer-encoding': 'chunked' }).request)).toBeNull()
  expect(await bodyOf(requestOf(null, { 'content-length': '0' }).request)).toBeNull()
  expect(await bodyOf(requestOf([], { 'content-length': '0' }).request)).toBeNull()
  expect(await bodyOf(requestOf([]).request)).toBeNull()
  await expect(bodyOf(requestOf(null, { 'content-length': '1' }).request)).rejects.toThrow(/read already/)
})

it.each<[number[], number | null]>([
  [[1], 1],
  [[3, 4], 7],
  [[64 * kilobytes], 64 * kilobytes],
  [[64 * kilobytes, 1], null],
  [[64 * kilobytes + 1], null],
])('computes for parts of %j without these headers the length %j', async (sizes, length) => {
  const bench = requestOf(sizes)
  const body = await givenBody(bench.request)
  expect(body.length).toBe(length)
  expect(await sizesOf(body.parts)).toEqual(sizes)
})

it('reads a long body on demand, and cancels it if the reader stops', async () => {
  const bench = requestOf([65 * kilobytes, 1, 2, 3])
  const body = await givenBody(bench.request)
  expect(bench.pulled).toBe(1)
  const sizes: number[] = []
  for await (const part of body.parts) {
    sizes.push(part.byteLength)
    if (sizes.length === 2) break
  }
  expect(sizes).toEqual([65 * kilobytes, 1])
  expect(bench.isCancelled).toBe(true)
})

it('cancels a long body if the reader stops in the part read in advance', async () => {
  const bench = requestOf([65 * kilobytes, 1, 2, 3])
  const body = await givenBody(bench.request)
  for await (const _ of body.parts) break
  expect([bench.pulled, bench.isCancelled]).toEqual([1, true])
})
