import type { z } from 'zod'
import { BillingError, type FieldError } from '../billing-error.ts'

/**
 * Validates `value` with the schema. Returns the parsed value.
 *
 * @throws BillingError `invalid_request` if the value is invalid. The error names each refused field, but not its value.
 */
export function validate<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new BillingError('invalid_request', result.error.issues.flatMap(fieldErrors))
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String)
  // The names of unknown fields come from the sender. So the message has only their number.
  if (issue.code === 'unrecognized_keys')
    return [
      {
        field: path.join('.'),
        message: `There ${issue.keys.length === 1 ? 'is a field' : `are ${issue.keys.length} fields`} that this endpoint does not accept.`,
      },
    ]
  return [{ field: path.join('.'), message: issue.message }]
}
