import type { IncomingMessage } from 'node:http'
import { PassThrough, pipeline, type Readable, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'

const decoders: Record<string, () => Transform> = {
  gzip: zlib.createGunzip,
  'x-gzip': zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
  // Since Node 22.15.
  ...('createZstdDecompress' in zlib && { zstd: zlib.createZstdDecompress }),
}

/** Headers that are about the encoded bytes and no longer true of the decoded ones. */
const aboutEncoded = [
  'content-encoding',
  'content-length',
  'accept-ranges',
  'content-md5',
  'digest',
  'content-digest',
  'repr-digest',
]

/**
 * The body of an answer without its encoding. Next takes `Content-Encoding` off what a handler returns, and bytes without their label mean
 * something else. Null: a part of an encoded body, which cannot be decoded.
 */
export function decodedBody(answer: IncomingMessage, headers: Headers): Readable | null {
  const codings = (headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => Object.hasOwn(decoders, coding))
  // A browser reads a body of a coding that nobody knows as it is, too.
  if (codings.length === 0) return answer
  if (answer.statusCode === 206) return null
  for (const name of aboutEncoded) headers.delete(name)
  const steps = codings.reverse().map((coding) => decoders[coding]?.() ?? new PassThrough())
  // An error of any of them ends the last, which is the one that is read.
  return pipeline([answer, ...steps], () => {}) as unknown as Readable
}
