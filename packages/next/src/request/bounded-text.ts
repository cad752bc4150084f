import { readBoundedBody } from '@sallyport/protocol/bounded-body'

/** The maximum size, in bytes, of a body that our route handlers read themselves, such as the body of a sign-in. */
const limitBytes = 16 * 1024

/**
 * Returns the body as text, or the reason why it is refused. Only the exact media type of JSON is accepted, because a form on another site
 * cannot send this media type.
 */
export function boundedJsonText(request: Request): Promise<{ text: string } | BodyRefusal> {
  return boundedText(request, 'application/json')
}

/** Returns the values of a form, or the reason why it is refused. A form in which a name is there twice is refused. */
export async function boundedForm(
  request: Request,
): Promise<{ values: Record<string, string> } | BodyRefusal> {
  const body = await boundedText(request, 'application/x-www-form-urlencoded')
  if ('refused' in body) return body
  const pairs = [...new URLSearchParams(body.text)]
  const values = Object.fromEntries(pairs)
  return Object.keys(values).length === pairs.length ? { values } : { refused: 'invalid_request' }
}

type BodyRefusal = { refused: 'unsupported_media_type' | 'payload_too_large' | 'invalid_request' }

async function boundedText(request: Request, allowed: string): Promise<{ text: string } | BodyRefusal> {
  const mediaType = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== allowed) return { refused: 'unsupported_media_type' }
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) return { refused: 'payload_too_large' }
  try {
    const bytes = await readBoundedBody(request.body, limitBytes)
    if (bytes === null) return { refused: 'payload_too_large' }
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch {
    return { refused: 'invalid_request' }
  }
}
