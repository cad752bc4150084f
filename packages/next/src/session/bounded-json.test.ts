import { describe, expect, it } from 'vitest'
import { boundedJson } from './bounded-json.ts'

describe('the body of a response as JSON', () => {
  it.each([
    ['{"a":1}', 7, { a: 1 }],
    ['{"a":1}', 6, null],
    ['"ü"', 4, 'ü'],
    ['"ü"', 3, null],
    ['', 9, null],
    ['{', 9, null],
    ['{}x', 9, null],
  ])('%j within %i bytes: %j', async (text, limit, expected) => {
    expect(await boundedJson(new Response(text), limit)).toEqual(expected)
  })

  it('is null without a body, and complete if it arrives in parts', async () => {
    expect(await boundedJson(new Response(null), 9)).toBeNull()
    const parts = new ReadableStream({
      start(controller) {
        for (const byte of Buffer.from('["ü"]')) controller.enqueue(Uint8Array.of(byte))
        controller.close()
      },
    })
    expect(await boundedJson(new Response(parts), 6)).toEqual(['ü'])
  })
})
