/**
 * Returns a body as bytes, or null if it is longer than `maximumBytes`. The iterator is then closed, which cancels a web stream.
 *
 * Does not check `Content-Length`: a caller that wants to, checks it first.
 */
export async function readBoundedBody(
  body: AsyncIterable<Uint8Array> | null,
  maximumBytes: number,
): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body ?? []) {
    size += chunk.byteLength
    if (size > maximumBytes) return null
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}
