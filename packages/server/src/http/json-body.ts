import type { FieldError } from '@sallyport/protocol'
import { readBoundedBody } from '@sallyport/protocol/bounded-body'
import { parseJsonObject } from '@sallyport/verify'
import type { z } from 'zod'
import { FlowError } from '../services/flow-error.ts'
import { isCleanText } from './clean-text.ts'
import { hasExactLength } from './exact-length.ts'
import type { Exchange } from './exchange.ts'

/**
 * Reads and checks a JSON body. The media type must be exactly `application/json`, even if the body may be empty, because a form on another
 * site cannot send that type. Refuses a body that two parsers could read differently (duplicate members, invalid UTF-8), and text that
 * contains a NUL or an unpaired surrogate.
 *
 * @throws FlowError `unsupported_media_type`, `payload_too_large`, or `invalid_request` with the names of the fields.
 */
export async function readJsonBody<T>(
  { request, config }: Exchange,
  schema: z.ZodType<T>,
  { mayBeEmpty = false } = {},
): Promise<T> {
  requireJson(request.headers)
  const bytes = await readBytes(request, config.bodyLimitBytes)
  const value = mayBeEmpty && bytes.byteLength === 0 ? {} : parseJsonObject(bytes)
  if (value === null)
    throw new FlowError('invalid_request', {
      details: { detail: 'The body must be one JSON object without duplicate members.' },
    })
  if (!isCleanText(value))
    throw new FlowError('invalid_request', {
      details: { detail: 'The text in the body must not contain a NUL or an unpaired surrogate.' },
    })
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new FlowError('invalid_request', {
    details: { errors: parsed.error.issues.slice(0, 20).map(toFieldError) },
  })
}

function requireJson(headers: Headers): void {
  const isJson = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(
    headers.get('content-type') ?? '',
  )
  if (!isJson) throw new FlowError('unsupported_media_type')
}

/**
 * Returns the bytes of a body. The body must not be longer than the limit.
 *
 * @throws FlowError `unsupported_media_type`, `payload_too_large` or `invalid_request`.
 */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  // The size of a compressed body is unknown until it is decompressed, so compressed bodies are refused.
  if ((request.headers.get('content-encoding') ?? 'identity') !== 'identity')
    throw new FlowError('unsupported_media_type')
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw new FlowError('payload_too_large')
  let bytes: Uint8Array | null
  try {
    // `arrayBuffer` needs no web stream. A web stream costs more than the rest of the reading.
    bytes = hasExactLength(request)
      ? new Uint8Array(await request.arrayBuffer())
      : await readBoundedBody(request.body, limit)
  } catch {
    throw new FlowError('invalid_request', { reason: 'the body was truncated' })
  }
  if (bytes === null) throw new FlowError('payload_too_large')
  return bytes
}

function toFieldError({ path, message, code }: z.core.$ZodIssue): FieldError {
  return {
    field: path.join('.').slice(0, 100),
    message: code === 'unrecognized_keys' ? 'There is a field that this endpoint does not accept.' : message,
  }
}
