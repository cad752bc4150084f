import { FlowError } from '../../services/flow-error.ts'

/** The number of rows in a page. */
export const pageSize = 50

/**
 * Returns a page of a list, from rows of which one more was read than fit into it. `next` is where the next page begins, or null. Only this
 * server reads it.
 */
export function pageOf<Row>(
  rows: readonly Row[],
  keyOf: (row: Row) => readonly string[],
): { rows: Row[]; next: string | null } {
  const page = rows.slice(0, pageSize)
  const last = page.at(-1)
  const next = rows.length > pageSize && last !== undefined ? toNext(keyOf(last)) : null
  return { rows: page, next }
}

/**
 * Reads the parameter `after`, which a client has got as `next`. Returns the parts of its key, or null without the parameter.
 *
 * @throws FlowError `invalid_request`.
 */
export function readAfter(after: string | undefined, parts: number): string[] | null {
  if (after === undefined) return null
  const key = parse(after)
  if (key !== null && key.length === parts) return key
  const message = 'This is not the `next` of an earlier page.'
  throw new FlowError('invalid_request', { details: { errors: [{ field: 'after', message }] } })
}

function toNext(key: readonly string[]): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url')
}

function parse(text: string): string[] | null {
  try {
    const key: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    const isKey = Array.isArray(key) && key.every((part) => typeof part === 'string' && !part.includes('\0'))
    return isKey ? (key as string[]) : null
  } catch {
    return null
  }
}
