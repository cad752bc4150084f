import { Readable } from 'node:stream'
import { requireJson } from './json-value.ts'

/** A body as it goes to an API. */
export type ApiBody = {
  /** Null for none. */
  body: BodyInit | null
  /** What `fetch` would not say by itself. */
  contentType: string | null
  /** A stream is gone once it was sent. */
  isRepeatable: boolean
}

/**
 * What `fetch` can send goes as what it is, with its own media type: a form, a file, bytes, a stream, text. Everything else is JSON.
 *
 * @throws TypeError for what JSON would lose, naming where it stands, before anything is sent.
 */
export function encodeApiBody(body: unknown): ApiBody {
  if (body === undefined) return { body: null, contentType: null, isRepeatable: true }
  if (typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams)
    return { body, contentType: null, isRepeatable: true }
  if (body instanceof Blob) return { body, contentType: body.type === '' ? bytes : null, isRepeatable: true }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body))
    return { body: body as BodyInit, contentType: bytes, isRepeatable: true }
  if (body instanceof ReadableStream) return { body, contentType: bytes, isRepeatable: false }
  // Node's streams among others.
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return { body: streamOf(body as AsyncIterable<Uint8Array>), contentType: bytes, isRepeatable: false }
  requireJson(body)
  return { body: JSON.stringify(body), contentType: 'application/json', isRepeatable: true }
}

const bytes = 'application/octet-stream'

function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream {
  return Readable.toWeb(Readable.from(body, { objectMode: false })) as ReadableStream
}
