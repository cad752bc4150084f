import { FlowError } from '../services/flow-error.ts'
import { isCleanText } from './clean-text.ts'
import type { Exchange } from './exchange.ts'
import { readBytes } from './json-body.ts'

/** Whether the body is a form, as OAuth's standards have it. Only for endpoints that no cookie opens: any site can send a form. */
export function isForm(headers: Headers): boolean {
  const type = headers.get('content-type') ?? ''
  return /^application\/x-www-form-urlencoded[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(type)
}

/**
 * One field of a form. It may stand there once (RFC 6749 section 3.2); others are ignored.
 *
 * @throws FlowError `unsupported_media_type`, `payload_too_large`, or `invalid_request` naming the field.
 */
export async function readFormField({ request, config }: Exchange, field: string): Promise<string> {
  const bytes = await readBytes(request, config.bodyLimitBytes)
  const values = new URLSearchParams(Buffer.from(bytes).toString('utf8')).getAll(field)
  const [value = ''] = values
  if (value !== '' && values.length === 1 && isCleanText(value)) return value
  throw new FlowError('invalid_request', {
    details: { errors: [{ field, message: 'The form needs this field, once.' }] },
  })
}
