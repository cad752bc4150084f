import type { Request } from 'express'
import type { z } from 'zod'
import { BillingError } from '../billing-error.ts'
import { validate } from './validate.ts'

/**
 * Validates the query parameters of a request. Each parameter may occur only once. If it is empty, it counts as absent, because HTML forms
 * send empty fields.
 *
 * @throws BillingError `invalid_request`
 */
export function queryOf<Schema extends z.ZodType>(req: Request, schema: Schema): z.output<Schema> {
  const parameters = new Map<string, string>()
  const start = req.url.indexOf('?')
  const pairs = start < 0 ? [] : req.url.slice(start + 1).split('&')
  for (const pair of pairs) {
    if (pair === '') continue
    const separator = pair.indexOf('=')
    const name = decode(separator < 0 ? pair : pair.slice(0, separator))
    if (parameters.has(name)) throw refused('A query parameter occurs more than once.')
    if (name === '__proto__') throw refused('There is a query parameter that is not accepted.')
    parameters.set(name, separator < 0 ? '' : decode(pair.slice(separator + 1)))
  }
  const given = [...parameters].filter(([, value]) => value !== '')
  return validate(schema, Object.fromEntries(given))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw refused('The query is not percent-encoded UTF-8.')
  }
}

function refused(message: string): BillingError {
  return new BillingError('invalid_request', [{ field: '', message }])
}
