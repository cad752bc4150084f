import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/** Most bytes in a body that these handlers read themselves: a sign-in or a sign-up. */
const limitBytes = 16 * 1024

/** The body as text, or why it was refused. Only JSON by its exact media type: a form of another site cannot send that. */
export async function boundedJsonText(
  request: Request,
): Promise<
  { text: string } | { refused: 'unsupported_media_type' | 'payload_too_large' | 'invalid_request' }
> {
  const mediaType = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') return { refused: 'unsupported_media_type' }
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) return { refused: 'payload_too_large' }
  try {
    const bytes = await readBoundedBody(request.body, limitBytes)
    if (bytes === null) return { refused: 'payload_too_large' }
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { refused: 'invalid_request' }
  }
}
