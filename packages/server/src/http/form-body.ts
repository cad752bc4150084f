import { z } from 'zod'
import { FlowError } from '../services/flow-error.ts'
import { isCleanText } from './clean-text.ts'
import type { Exchange } from './exchange.ts'
import { readBytes } from './json-body.ts'

/**
 * Returns whether the body is a form, as in OAuth requests. Use this only for endpoints that accept no cookies, because any site can send a
 * form.
 */
export function isForm(headers: Headers): boolean {
  const type = headers.get('content-type') ?? ''
  return /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(type)
}

/**
 * Returns the fields of a form that the schema requires. Each of these fields must occur exactly once (RFC 6749 section 3.2). Optional and
 * unknown fields are ignored.
 *
 * @throws FlowError `unsupported_media_type`, `payload_too_large`, or `invalid_request` with the name of the field.
 */
export async function readForm({ request, config }: Exchange, schema: z.ZodType): Promise<unknown> {
  const bytes = await readBytes(request, config.bodyLimitBytes)
  const form = new URLSearchParams(Buffer.from(bytes).toString('utf8'))
  const fields = schema instanceof z.ZodObject ? Object.entries<z.ZodType>(schema.shape) : []
  const needed = fields.filter(([, field]) => !(field instanceof z.ZodOptional))
  return Object.fromEntries(needed.map(([name]) => [name, fieldOf(form, name)]))
}

function fieldOf(form: URLSearchParams, field: string): string {
  const [value = '', ...others] = form.getAll(field)
  if (value !== '' && others.length === 0 && isCleanText(value)) return value
  throw new FlowError('invalid_request', {
    details: { errors: [{ field, message: 'The form must contain this field exactly once.' }] },
  })
}
