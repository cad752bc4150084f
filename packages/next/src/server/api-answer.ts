import { type Problem, problem, problemSchema } from '@sallyport/protocol'
import { readBoundedBody } from '@sallyport/protocol/bounded-body'
import { ApiError } from './session-error.ts'

/**
 * Returns the body of a successful response: JSON is parsed, text is a string, other media types are a `Blob`, and an empty body is null.
 * If a text looks like a JSON object or list, it is parsed too, because some servers send JSON with the media type of text.
 *
 * @throws ApiError if the media type is JSON but the body is not. The API has carried out the request.
 */
export async function readApiAnswer(response: Response): Promise<unknown> {
  const type = mediaType(response)
  if (response.status === 204 || response.status === 205 || response.body === null) return null
  if (!isTextual(type)) {
    const blob = await response.blob()
    return blob.size === 0 ? null : blob
  }
  const text = await response.text()
  if (text === '') return null
  const isCalledJson = /^application\/(?:[\w.+-]+\+)?json$/.test(type)
  if (!isCalledJson && !/^\s*[[{]/.test(text)) return text
  try {
    return JSON.parse(text) as unknown
  } catch {
    if (!isCalledJson) return text
    const detail = `The API answered ${response.status}, so the request was carried out, but its answer is not valid JSON. Check the result before you send it again.`
    throw new ApiError(502, problem('upstream_failed', { detail }))
  }
}

/** The maximum size of a refusal's body, in bytes. A longer body is ignored. */
const refusalLimitBytes = 64 * 1024

/** Returns the body of a refusal, and the same body as a problem (RFC 9457). If the body is not a problem, `problem` is null. */
export async function readRefusal(response: Response): Promise<{ problem: Problem | null; body: unknown }> {
  const bytes = await readBoundedBody(response.body, refusalLimitBytes).catch(() => null)
  const text = new TextDecoder().decode(bytes ?? new Uint8Array())
  if (text === '') return { problem: null, body: null }
  try {
    const body: unknown = JSON.parse(text)
    const parsed = problemSchema.safeParse(body)
    return { problem: parsed.success ? parsed.data : null, body }
  } catch {
    return { problem: null, body: text }
  }
}

function mediaType({ headers }: Response): string {
  return headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

function isTextual(type: string): boolean {
  return (
    type === '' ||
    type.startsWith('text/') ||
    /^application\/(?:[\w.+-]+\+)?(?:json|xml|yaml|javascript|x-www-form-urlencoded)$/.test(type) ||
    /^application\/(?:x-)?(?:ndjson|jsonl|yaml)$/.test(type)
  )
}
