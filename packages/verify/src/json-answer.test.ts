import { describe, expect, test } from 'vitest'
import { readJsonAnswer, UnexpectedAnswer } from './json-answer.ts'

/** Returns a response whose body has these pieces. `state` contains how many were read, and whether the body was cancelled. */
function answer(pieces: readonly (string | Uint8Array)[], headers: Record<string, string>, status = 200) {
  const state = { read: 0, cancelled: false }
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = pieces[state.read]
        if (piece === undefined) return controller.close()
        state.read += 1
        controller.enqueue(typeof piece === 'string' ? Buffer.from(piece) : piece)
      },
      cancel() {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { response: new Response(body, { status, headers }), state }
}

const json = { 'content-type': 'application/json' }

describe('a response that must be JSON', () => {
  test.each([
    'application/json',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    'application/json ;charset=utf-8',
    'application/jwk-set+json',
    'application/vnd.a-b+json',
  ])('accepts %s', async (type) => {
    expect(await readJsonAnswer(answer(['{"a"', ':1}'], { 'content-type': type }).response)).toEqual({ a: 1 })
  })

  test.each([
    'text/json',
    'application/jsonp',
    'application/json5',
    'application/+json',
    'application/x json',
    'text/html, application/json',
    'x-application/json',
  ])('refuses %s, and cancels its body unread', async (type) => {
    const { response, state } = answer(['{}'], { 'content-type': type })
    const error = await readJsonAnswer(response).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(UnexpectedAnswer)
    expect(error).toMatchObject({ message: `answers ${type} instead of JSON`, status: 200 })
    expect(state).toEqual({ read: 0, cancelled: true })
  })

  test('refuses any other status, and names it', async () => {
    for (const status of [203, 404, 500])
      await expect(readJsonAnswer(answer(['{}'], json, status).response)).rejects.toMatchObject({
        message: `answers ${status}`,
        status,
      })
    await expect(readJsonAnswer(answer([], {}).response)).rejects.toThrow(
      'answers no media type instead of JSON',
    )
    await expect(readJsonAnswer(new Response(null, { status: 404 }))).rejects.toThrow('answers 404')
    const long = answer([], { 'content-type': `text/${'x'.repeat(1000)}` }).response
    await expect(readJsonAnswer(long)).rejects.toThrow(/^answers text\/x{95} instead/)
  })

  test('64 KB are read, and a byte more is an error', async () => {
    const text = (length: number) => `"${'x'.repeat(length - 2)}"`
    expect(await readJsonAnswer(answer([text(65_536)], json).response)).toHaveLength(65_534)
    const { response, state } = answer([text(65_537), 'x'], json)
    await expect(readJsonAnswer(response)).rejects.toThrow('larger than 65536 bytes')
    expect(state).toEqual({ read: 1, cancelled: true })
  })

  test('one that announces more is not read at all', async () => {
    const { response, state } = answer(['{}'], { ...json, 'content-length': '65537' })
    await expect(readJsonAnswer(response)).rejects.toThrow('larger than 65536 bytes')
    expect(state).toEqual({ read: 0, cancelled: true })
    const most = answer(['{}'], { ...json, 'content-length': '65536' })
    expect(await readJsonAnswer(most.response)).toEqual({})
    const empty = new Response(null, { headers: { ...json, 'content-length': '65537' } })
    await expect(readJsonAnswer(empty)).rejects.toThrow('larger than 65536 bytes')
  })

  test('pieces may cut a character in two', async () => {
    const bytes = Buffer.from('["aü€"]')
    const pieces = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
    expect(await readJsonAnswer(answer(pieces, json).response)).toEqual(['aü€'])
    expect(await readJsonAnswer(answer([Uint8Array.of(0x22, 0xc3, 0x22)], json).response)).toBe('\ufffd')
  })
})
