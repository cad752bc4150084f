/** A body to send to the API: its parts, and its length in bytes. The length is null if it is not known before sending. */
export type RequestBody = { parts: AsyncIterable<Uint8Array>; length: number | null }

/** If a body has no length, at most this many bytes are read before sending. */
const readAheadBytes = 64 * 1024

/**
 * Returns the body of a request, with the length from its header. Over HTTP/2 a body may have neither a length nor `Transfer-Encoding`.
 * Some servers treat such a body as empty. So a short body is read completely before it is sent, and then has a length.
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
