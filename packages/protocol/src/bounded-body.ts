/**
 * Reads a body. Returns it as bytes. If it is longer than `maximumBytes`, returns null and closes the iterator, which cancels a web stream.
 *
 * Does not check `Content-Length`. The caller can check this header first.
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
