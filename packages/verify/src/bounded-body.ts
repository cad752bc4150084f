/** Reads a response's body as text, or null when it is longer than `maximumBytes`: nothing more is then read. */
export async function readBoundedBody(response: Response, maximumBytes: number): Promise<string | null> {
  if (Number(response.headers.get('content-length')) > maximumBytes) {
    await response.body?.cancel()
    return null
  }
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the stream.
    if (bytes > maximumBytes) return null
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
