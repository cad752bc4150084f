import { escapeHtml } from '@sallyport/protocol/escape-html'
import type { Json } from './openapi.ts'

/** Returns an HTML description of a schema, for people who write a body that fits the schema. */
export function schemaHtml(schema: Json): string {
  const variants = variantsOf(schema)
  if (variants.length > 1 && variants.every(isObject))
    return variants.map(fieldsHtml).join('<p class="what">or</p>')
  return isObject(schema) ? fieldsHtml(schema) : `<p>${wordsFor(schema)}</p>`
}

function fieldsHtml({ properties = {}, required = [] }: Json): string {
  const rows = Object.entries(properties as Record<string, Json>).map(([name, field]) => {
    const isRequired = (required as string[]).includes(name)
    const inside = innerObject(field)
    return `<dt><code>${escapeHtml(name)}</code></dt><dd>${wordsFor(field)}${isRequired ? '' : ', optional'}${inside ? schemaHtml(inside) : ''}</dd>`
  })
  return rows.length === 0 ? '<p>An object.</p>' : `<dl>${rows.join('')}</dl>`
}

function wordsFor(schema: Json): string {
  const variants = variantsOf(schema)
  if (variants.length > 1) return [...new Set(variants.map(wordsFor))].join(' or ')
  const { type, enum: values, const: value, minLength, maxLength, items } = schema
  if (value !== undefined) return `<code>${escapeHtml(JSON.stringify(value))}</code>`
  if (Array.isArray(values) && values.length > 8) return 'one of the codes of the table of errors'
  if (Array.isArray(values))
    return values.map((one) => `<code>${escapeHtml(JSON.stringify(one))}</code>`).join(' or ')
  if (type === 'string') return `text${lengthOf(minLength, maxLength)}`
  if (type === 'integer') return 'whole number'
  if (type === 'array') return `list of ${plural(wordsFor((items as Json | undefined) ?? {}))}`
  if (type === 'object') return 'object'
  return typeof type === 'string' ? type : 'anything'
}

function lengthOf(least: unknown, most: unknown): string {
  if (typeof most !== 'number') return ''
  const count = most.toLocaleString('en')
  return typeof least === 'number' && least > 0
    ? `, ${least} to ${count} characters`
    : `, up to ${count} characters`
}

const plural = (words: string) => (words === 'object' ? 'objects' : words === 'text' ? 'texts' : words)

/** Returns the schema of the objects in a list, or the schema itself if it is an object. */
function innerObject(schema: Json): Json | null {
  if (isObject(schema)) return schema
  const { items } = schema
  return typeof items === 'object' && items !== null && isObject(items as Json) ? (items as Json) : null
}

function isObject({ type, properties }: Json): boolean {
  return type === 'object' && properties !== undefined
}

function variantsOf({ anyOf, oneOf }: Json): Json[] {
  return ((anyOf ?? oneOf) as Json[] | undefined) ?? []
}
