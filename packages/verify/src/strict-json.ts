/** A parsed JSON object, whose members are not checked yet. */
export type JsonObject = { readonly [name: string]: unknown }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The maximum depth of nested objects and lists. No valid token is as deep. */
const maximumDepth = 16

/**
 * Parses bytes as one JSON object. Returns null if they are not one. It is stricter than `JSON.parse`: it requires strict UTF-8 without a
 * byte order mark (RFC 8725 section 3.7). It refuses duplicate member names at every depth, even if one is written with escapes (RFC 7519
 * section 4). It has a maximum depth. It refuses numbers that are too large for a double, which would become `Infinity` (RFC 7493 section
 * 2.2). A member with the name `__proto__` is an ordinary member and does not change the prototype.
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
 * Counts the members of a value at all depths. If the value is too deep or contains an infinite number, returns NaN, which equals no count.
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
 * Counts the members in the text of valid JSON: each member has one colon outside of strings. If the parsed value has fewer members, the
 * text has duplicate names. Of duplicates, V8's parser uses the last one, and other parsers use the first one. If two parsers read a token
 * differently, a forged claim can be accepted.
 */
function countNames(text: string): number {
  // The loop compares the character codes of the quotation mark, the backslash and the colon. For speed, it does not compare texts, because
  // it runs for each new token.
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
