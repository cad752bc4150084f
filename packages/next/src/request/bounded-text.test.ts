import { describe, expect, it } from 'vitest'
import { boundedJsonText } from './bounded-text.ts'

const json = 'application/json'
const limit = 16 * 1024

/** A request with this body, or with these parts as they arrive. */
function requestOf(body: string | Uint8Array[], headers: Record<string, string> = { 'content-type': json }) {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of typeof body === 'string' ? [Buffer.from(body)] : body) controller.enqueue(part)
      controller.close()
    },
  })
  return posted(stream, headers)
}

function posted(body: ReadableStream, headers: Record<string, string>) {
  // Node asks for it, and TypeScript's DOM does not know it.
  const streaming: RequestInit & { duplex: 'half' } = { method: 'POST', headers, body, duplex: 'half' }
  return new Request('http://localhost:3000/', streaming)
}

describe('the body of a sign-in', () => {
  it.each([json, 'Application/JSON', `${json}; charset=utf-8`, ` ${json} ;x`])(
    'is accepted as %j',
    async (type) => {
      expect(await boundedJsonText(requestOf('{"a":1}', { 'content-type': type }))).toEqual({
        text: '{"a":1}',
      })
    },
  )

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json-patch',
    'application/jsonp',
    'x-application/json',
    'text/plain; application/json',
    '',
  ])('is refused as %j, which a form of another site can send [C02]', async (type) => {
    expect(await boundedJsonText(requestOf('{"a":1}', { 'content-type': type }))).toEqual({
      refused: 'unsupported_media_type',
    })
  })

  it('is refused without a content type', async () => {
    expect(await boundedJsonText(requestOf('{}', {}))).toEqual({ refused: 'unsupported_media_type' })
  })

  it('is an empty text if there is no body', async () => {
    const request = new Request('http://localhost:3000/', {
      method: 'POST',
      headers: { 'content-type': json },
    })
    expect(await boundedJsonText(request)).toEqual({ text: '' })
  })

  it('has at most 16 KiB, whatever Content-Length says', async () => {
    const most = 'x'.repeat(limit)
    const parts = [Buffer.from(most.slice(1)), Buffer.from('x')]
    expect(await boundedJsonText(requestOf(most))).toEqual({ text: most })
    expect(await boundedJsonText(requestOf(parts))).toEqual({ text: most })
    const tooLarge = { refused: 'payload_too_large' }
    expect(await boundedJsonText(requestOf(`${most}x`))).toEqual(tooLarge)
    expect(await boundedJsonText(requestOf([...parts, Buffer.from('x')]))).toEqual(tooLarge)
    // In bytes, of which ü has two.
    expect(await boundedJsonText(requestOf('ü'.repeat(limit / 2 + 1)))).toEqual(tooLarge)
  })

  it('is not read if Content-Length is too large', async () => {
    const claims = (length: number) =>
      boundedJsonText(requestOf('{}', { 'content-type': json, 'content-length': `${length}` }))
    expect(await claims(limit)).toEqual({ text: '{}' })
    expect(await claims(limit + 1)).toEqual({ refused: 'payload_too_large' })
  })

  it('is decoded correctly if chunks split characters, and keeps a byte order mark', async () => {
    const bytes = Buffer.from('\ufeff{"a":"ü"}')
    const parts = [...bytes].map((byte) => Uint8Array.of(byte))
    expect(await boundedJsonText(requestOf(parts))).toEqual({ text: '\ufeff{"a":"ü"}' })
  })

  it.each([[[0xff]], [[0x7b, 0xc3]], [[0xc0, 0xaf]]])('of %j is refused as invalid UTF-8', async (bytes) => {
    expect(await boundedJsonText(requestOf([Uint8Array.from(bytes)]))).toEqual({ refused: 'invalid_request' })
  })

  it('is refused if it breaks off', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('gone')) })
    expect(await boundedJsonText(posted(body, { 'content-type': json }))).toEqual({
      refused: 'invalid_request',
    })
  })
})
