import { describe, expect, test } from 'vitest'
import { readBoundedBody } from './bounded-body.ts'

/** Returns a stream of these pieces. `state` contains how many were read, and whether the rest was cancelled. */
function streamOf(...pieces: readonly string[]) {
  const state = { read: 0, cancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[state.read]
        if (piece === undefined) return controller.close()
        state.read += 1
        controller.enqueue(Buffer.from(piece))
      },
      cancel() {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, state }
}

const textOf = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString()

describe('a body with a limit', () => {
  test('is returned whole up to the limit', async () => {
    const { stream, state } = streamOf('ab', '', 'cde')
    expect(textOf(await readBoundedBody(stream, 5))).toBe('abcde')
    expect(state).toEqual({ read: 3, cancelled: false })
  })

  test('is cancelled at the piece that exceeds the limit', async () => {
    const { stream, state } = streamOf('aaaa', 'bbbb', 'cccc', 'dddd')
    expect(await readBoundedBody(stream, 7)).toBeNull()
    expect(state).toEqual({ read: 2, cancelled: true })
  })

  test('is counted in bytes, not in characters', async () => {
    expect(textOf(await readBoundedBody(streamOf('aü€').stream, 6))).toBe('aü€')
    expect(await readBoundedBody(streamOf('aü€').stream, 5)).toBeNull()
  })

  test('is empty if the request has none', async () => {
    expect(await readBoundedBody(null, 0)).toEqual(new Uint8Array())
    expect(await readBoundedBody(streamOf().stream, 0)).toEqual(new Uint8Array())
  })

  test('throws if the stream breaks off', async () => {
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
    await expect(readBoundedBody(broken, 9)).rejects.toThrow('gone')
  })
})
