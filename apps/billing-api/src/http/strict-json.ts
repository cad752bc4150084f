import { BillingError } from '../billing-error.ts'

const deepestNesting = 16
const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/g

/**
 * Parses JSON (RFC 8259). Some input is valid for one parser and invalid for another, or different parsers read it differently. Such input
 * is refused: bytes that are not UTF-8, a byte order mark, a duplicate key in an object (`JSON.parse` would use the last one), `__proto__`
 * as a key, and more than 16 levels.
 *
 * @throws BillingError `invalid_request` if the input is refused.
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string
  let value: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    value = JSON.parse(text)
  } catch {
    throw refused('The body is not JSON in UTF-8.')
  }
  checkStructure(text)
  return value
}

/** Checks the depth and the keys of a text that is valid JSON. */
function checkStructure(text: string): void {
  // There is one entry for each open bracket. The entry of an object has the keys that were read so far. The entry of an array is null.
  const open: (Set<string> | null)[] = []
  let lastString = ''
  for (const [piece] of text.matchAll(token)) {
    if (piece === '{' || piece === '[') {
      open.push(piece === '{' ? new Set() : null)
      if (open.length > deepestNesting) throw refused(`The body is nested deeper than ${deepestNesting}.`)
    } else if (piece === '}' || piece === ']') {
      open.pop()
    } else if (piece === ':') {
      const keys = open.at(-1)
      // The key is decoded, because "\u0061" and "a" are the same key.
      const key = JSON.parse(lastString) as string
      if (key === '__proto__') throw refused('The body has a key that is not accepted.')
      if (keys?.has(key)) throw refused('The body has the same key twice in one object.')
      keys?.add(key)
    } else if (piece !== ',') {
      lastString = piece
    }
  }
}

function refused(message: string): BillingError {
  return new BillingError('invalid_request', [{ field: '', message }])
}
