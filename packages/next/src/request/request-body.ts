/** A body on its way to the API: its parts, and its length in bytes where that is known before it is sent. */
export type RequestBody = { parts: AsyncIterable<Uint8Array>; length: number | null }

/** Most bytes that are read before it is known whether a body without a length has an end. */
const readAheadBytes = 64 * 1024

/**
 * The body of a request, with the length that its header says. A server that was sent no length may take a body for empty, so one that is
 * short and has neither a length nor `Transfer-Encoding`, as over HTTP/2, is read first.
 */
export async function bodyOf({ headers, body }: Request): Promise<RequestBody | null> {
  const contentLength = headers.get('content-length')
  if (contentLength !== null) {
    const length = Number(contentLength)
    if (length === 0) return null
    if (body === null) throw new TypeError('The body of this request has been read already.')
    return { parts: body, length }
  }
  if (body === null) return null
  if (headers.has('transfer-encoding')) return { parts: body, length: null }

  const rest = body[Symbol.asyncIterator]()
  const read: Uint8Array[] = []
  let size = 0
  while (size <= readAheadBytes) {
    const { done, value } = await rest.next()
    if (done) return size === 0 ? null : { parts: partsOf(read), length: size }
    read.push(value)
    size += value.byteLength
  }
  return { parts: partsOf(read, rest), length: null }
}

async function* partsOf(read: Uint8Array[], rest?: AsyncIterator<Uint8Array>) {
  try {
    yield* read
    if (rest) yield* { [Symbol.asyncIterator]: () => rest }
  } finally {
    await rest?.return?.()
  }
}
