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

/** Headers that describe the encoded bytes and are wrong for the decoded ones. */
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
 * Returns the decoded body of a response. Next removes `Content-Encoding` from the response of a handler, so encoded bytes would be
 * misread. Returns null for a part of an encoded body, which cannot be decoded.
 */
export function decodedBody(answer: IncomingMessage, headers: Headers): Readable | null {
  const codings = (headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => Object.hasOwn(decoders, coding))
  // Browsers read a body with an unknown coding unchanged, too.
  if (codings.length === 0) return answer
  if (answer.statusCode === 206) return null
  for (const name of aboutEncoded) headers.delete(name)
  const steps = codings.reverse().map((coding) => decoders[coding]?.() ?? new PassThrough())
  // An error in any of them ends the last one, which is read.
  return pipeline([answer, ...steps], () => {}) as unknown as Readable
}
