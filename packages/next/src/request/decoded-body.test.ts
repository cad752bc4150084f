import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { decodedBody } from './decoded-body.ts'

const plain = 'a body that is longer than nothing'

function decode(bytes: Buffer, coding: string | null, statusCode = 200) {
  const answer = Object.assign(Readable.from([bytes]), { statusCode }) as unknown as IncomingMessage
  const headers = new Headers({ 'content-type': 'text/plain', etag: '"a"', 'content-length': '7' })
  for (const name of ['accept-ranges', 'content-md5', 'digest', 'content-digest', 'repr-digest'])
    headers.set(name, 'x')
  if (coding !== null) headers.set('content-encoding', coding)
  const all = [...headers.keys()]
  return { answer, body: decodedBody(answer, headers), headers, all }
}

it.each<[string, (bytes: Buffer) => Buffer]>([
  ['gzip', gzipSync],
  ['X-GZIP', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['deflate, gzip', (bytes) => gzipSync(deflateSync(bytes))],
  [' gzip ,\tbr', (bytes) => brotliCompressSync(gzipSync(bytes))],
  ['identity, gzip', gzipSync],
])('decodes %s and removes the headers about the encoded bytes', async (coding, encode) => {
  const { body, headers } = decode(encode(Buffer.from(plain)), coding)
  expect(await text(body as Readable)).toBe(plain)
  expect([...headers.keys()]).toEqual(['content-type', 'etag'])
})

it.each([null, '', 'identity', 'unknown', 'toString', ' , '])(
  'does not change the body and its headers for the encoding %j',
  (coding) => {
    for (const status of [200, 206]) {
      const { answer, body, headers, all } = decode(Buffer.from(plain), coding, status)
      expect(body).toBe(answer)
      expect([...headers.keys()]).toEqual(all)
    }
  },
)

it('refuses to decode a part (206) of an encoded body', () => {
  expect(decode(gzipSync(plain), 'gzip', 206).body).toBeNull()
  expect(decode(gzipSync(plain), 'gzip', 207).body).not.toBeNull()
})

it('reports an error for truncated or invalid encoded data', async () => {
  for (const bytes of [gzipSync(plain).subarray(0, -9), Buffer.from('no gzip')])
    await expect(text(decode(bytes, 'gzip').body as Readable)).rejects.toThrow()
})
