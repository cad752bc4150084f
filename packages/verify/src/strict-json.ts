/** A JSON object as parsed: its members are not judged yet. */
export type JsonObject = { readonly [name: string]: unknown }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Deeper than any honest token. */
const maximumDepth = 16

/**
 * Parses bytes as one JSON object, or null. Stricter than `JSON.parse`: strict UTF-8 without a byte order mark (RFC 8725
 * section 3.7), no member name twice at any depth, however it is spelt (RFC 7519 section 4), bounded depth, no number past what a
 * double holds, which would become `Infinity` (RFC 7493 section 2.2). A member named `__proto__` becomes an ordinary member and changes
 * no prototype.
 */
export function parseJsonObject(bytes: Uint8Array): JsonObject | null {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  return countMembers(value, 1) === countNames(text) ? (value as JsonObject) : null
}

/**
 * How many members a value has, at any depth. NaN where it is too deep, or where a number has become infinite: that equals no count.
 */
function countMembers(value: unknown, depth: number): number {
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN
  if (typeof value !== 'object' || value === null) return 0
  if (depth > maximumDepth) return Number.NaN
  const isList = Array.isArray(value)
  const entries: readonly unknown[] = isList ? value : Object.values(value)
  let count = isList ? 0 : entries.length
  for (const entry of entries) count += countMembers(entry, depth + 1)
  return count
}

/**
 * How many members a text writes down: a colon each, outside of strings, since the text is known to be JSON. A value with fewer has lost one
 * to another of its name: V8's parser keeps the last of two silently, others keep the first, and two parsers that read one token differently
 * are how a forged claim gets past the one that checks.
 */
function countNames(text: string): number {
  // As character codes: the quotation mark, the backslash and the colon. This runs over each new token.
  let count = 0
  let isInString = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === 0x22) isInString = !isInString
    else if (isInString && code === 0x5c) at += 1
    else if (!isInString && code === 0x3a) count += 1
  }
  return count
}
