import { Readable } from 'node:stream'
import { requireJson } from './json-value.ts'

/** An encoded body of a request to an API. */
export type ApiBody = {
  /** Null if the request has no body. */
  body: BodyInit | null
  /** The media type. Null if there is no body, or if `fetch` sets the media type itself. */
  contentType: string | null
  /** Whether the body can be sent a second time. A stream can be sent only once. */
  isRepeatable: boolean
}

/**
 * Encodes a body. Forms, files, bytes, streams and text are sent unchanged, with their own media type. Everything else is sent as JSON.
 *
 * @throws TypeError if JSON cannot represent a value. The message names the place of the value. Nothing has been sent yet.
 */
export function encodeApiBody(body: unknown): ApiBody {
  if (body === undefined) return { body: null, contentType: null, isRepeatable: true }
  if (typeof body === 'string' || body instanceof FormData || body instanceof URLSearchParams)
    return { body, contentType: null, isRepeatable: true }
  if (body instanceof Blob) return { body, contentType: body.type === '' ? bytes : null, isRepeatable: true }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body))
    return { body: body as BodyInit, contentType: bytes, isRepeatable: true }
  if (body instanceof ReadableStream) return { body, contentType: bytes, isRepeatable: false }
  // Objects with an async iterator are sent as streams. Node's own streams are such objects.
  if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
    return { body: streamOf(body as AsyncIterable<Uint8Array>), contentType: bytes, isRepeatable: false }
  requireJson(body)
  return { body: JSON.stringify(body), contentType: 'application/json', isRepeatable: true }
}

const bytes = 'application/octet-stream'

function streamOf(body: AsyncIterable<Uint8Array>): ReadableStream {
  return Readable.toWeb(Readable.from(body, { objectMode: false })) as ReadableStream
}
