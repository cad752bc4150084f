/** A parsed JSON object, whose members are not checked yet. */
export type JsonObject = { readonly [name: string]: unknown }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Deeper than any valid token. */
const maximumDepth = 16

/**
 * Parses bytes as one JSON object; returns null if they are not. Stricter than `JSON.parse`: strict UTF-8 without a byte order mark (RFC 8725
 * section 3.7), no duplicate member names at any depth, in any spelling (RFC 7519 section 4), a maximum depth, and no numbers too large for a
 * double, which would become `Infinity` (RFC 7493 section 2.2). A member named `__proto__` becomes an ordinary member and changes no
 * prototype.
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
 * Counts the members of a value at all depths. Returns NaN, which equals no count, if it is too deep or holds an infinite number.
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
 * Counts the members in the text: one colon each, outside of strings, because the text is valid JSON. If the value has fewer, it had duplicate
 * names: V8's parser silently keeps the last one, others keep the first, and two parsers that read a token differently can let a forged claim
 * pass.
 */
function countNames(text: string): number {
  // Character codes of the quotation mark, the backslash and the colon, for speed: this runs for each new token.
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
