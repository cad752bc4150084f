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
  return hasUniqueMembers(text) && hasFiniteNumbers(text) ? (value as JsonObject) : null
}

/** Only a number with an exponent, or with hundreds of digits, can be too large: most texts are not looked at twice. */
function hasFiniteNumbers(text: string): boolean {
  if (!/\d[eE]|\d{300}/.test(text)) return true
  let areFinite = true
  JSON.parse(text, (_name, value) => {
    if (typeof value === 'number' && !Number.isFinite(value)) areFinite = false
    return value
  })
  return areFinite
}

/**
 * Whether every object in a text names each member once. The text is known to be JSON, so it is enough to look at
 * strings, brackets and colons: V8's parser keeps the last of two equal members silently, others keep the first, and two
 * parsers that read one token differently are how a forged claim gets past the one that checks.
 */
function hasUniqueMembers(text: string): boolean {
  const open: (Set<string> | null)[] = []
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"(?:[ \t\n\r]*:)?|[[\]{}]/g)) {
    if (mark === '{' || mark === '[') {
      open.push(mark === '{' ? new Set() : null)
      if (open.length > maximumDepth) return false
    } else if (mark === '}' || mark === ']') {
      open.pop()
    } else if (mark.endsWith(':')) {
      const name: string = JSON.parse(mark.slice(0, mark.lastIndexOf('"') + 1))
      const names = open.at(-1)
      if (names?.has(name)) return false
      names?.add(name)
    }
  }
  return true
}
