import type { IncomingMessage } from 'node:http'
import { PassThrough, pipeline, type Readable, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'

const decoders: Record<string, () => Transform> = {
  gzip: zlib.createGunzip,
  'x-gzip': zlib.createGunzip,
  deflate: zlib.createInflate,
  br: zlib.createBrotliDecompress,
  // Node has zstd since 22.15.
  ...('createZstdDecompress' in zlib && { zstd: zlib.createZstdDecompress }),
}

/** Headers that describe the encoded bytes. They would be wrong for the decoded bytes. */
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
 * Returns the decoded body of a response. Next removes `Content-Encoding` from the response of a handler, so the browser could not decode
 * the bytes. Returns null for a part of an encoded body (206), because a part cannot be decoded.
 */
export function decodedBody(answer: IncomingMessage, headers: Headers): Readable | null {
  const codings = (headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => Object.hasOwn(decoders, coding))
  // If the coding is unknown, the body stays unchanged. Browsers do the same.
  if (codings.length === 0) return answer
  if (answer.statusCode === 206) return null
  for (const name of aboutEncoded) headers.delete(name)
  const steps = codings.reverse().map((coding) => decoders[coding]?.() ?? new PassThrough())
  // If one of the streams fails, the last one fails too, and its reader gets the error.
  return pipeline([answer, ...steps], () => {}) as unknown as Readable
}
