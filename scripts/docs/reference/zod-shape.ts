import { z } from 'zod'

type JsonSchema = {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  items?: JsonSchema
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: JsonSchema | boolean
}

/** Returns the input of a schema as a TypeScript type: `{ id: string; fields?: Record<string, string> }`. */
export function shapeOf(schema: z.ZodType): string {
  return typeOf(
    z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema,
  )
}

function typeOf(schema: JsonSchema): string {
  const { const: only, enum: values, anyOf, oneOf, type, items, properties, additionalProperties } = schema
  if (only !== undefined) return JSON.stringify(only)
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ')
  const either = anyOf ?? oneOf
  if (either !== undefined) return [...new Set(either.map(typeOf))].join(' | ')
  if (Array.isArray(type)) return type.join(' | ')
  if (type === 'array') return `(${typeOf(items ?? {})})[]`.replace(/^\((\w+)\)/, '$1')
  if (type === 'integer') return 'number'
  if (type !== 'object') return type ?? 'unknown'
  if (properties === undefined)
    return `Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown'}>`
  const fields = Object.entries(properties).map(
    ([name, field]) => `${name}${schema.required?.includes(name) ? '' : '?'}: ${typeOf(field)}`,
  )
  return `{ ${fields.join('; ')} }`
}
