import { type Problem, problem, problemSchema } from '@sallyport/protocol'
import { readBoundedBody } from '@sallyport/protocol/bounded-body'
import { ApiError } from './session-error.ts'

/**
 * Returns the body of a successful response: parsed JSON, text, a `Blob` for other media types, null for an empty body. A body that looks
 * like a JSON object or list is parsed with any textual type, because some servers send JSON as text.
 *
 * @throws ApiError if the body has a JSON type but is not JSON. The API has carried out the request.
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

/** The maximum size of a refusal that is kept, in bytes. */
const refusalLimitBytes = 64 * 1024

/** Returns the error for a refusal, with the problem (RFC 9457) if it is one, and the body. */
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
