import { z } from 'zod'
import { FlowError } from '../services/flow-error.ts'
import type { Exchange } from './exchange.ts'

/**
 * Returns the parameters of a query. Unknown parameters are refused, because a misspelt parameter must not be treated as missing.
 *
 * @throws FlowError `invalid_request` when a parameter is unknown, has a wrong value or occurs twice.
 */
export function readQuery<T>({ request }: Exchange, schema: z.ZodObject & z.ZodType<T>): T {
  const sent = [...new URL(request.url).searchParams]
  const parsed = schema.safeParse(Object.fromEntries(sent))
  if (parsed.success && new Set(sent.map(([name]) => name)).size === sent.length) return parsed.data
  const [field = ''] = Object.keys(schema.shape)
  const message = `The query may contain only the following, each once: ${Object.entries(schema.shape).map(written).join(', ')}.`
  throw new FlowError('invalid_request', { details: { errors: [{ field, message }] } })
}

function written([name, schema]: [string, z.core.$ZodType]): string {
  const { const: value = '…' } = z.toJSONSchema(schema, { io: 'input' })
  return `${name}=${value}`
}
