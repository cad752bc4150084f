import { randomBytes } from 'node:crypto'

/** Crockford's base 32: no letter that reads like a digit. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const length = 20

/** What an id names; it stands in front, so that a log line says what it is about. */
export type IdKind = 'cus' | 'sub' | 'inv' | 'pay' | 'ref'

/** A new id such as `inv_` and 20 characters: 100 bits that nobody guesses. */
export function newId(kind: IdKind, bytes: Uint8Array = randomBytes(length)): string {
  let id = `${kind}_`
  for (const byte of bytes.subarray(0, length)) id += alphabet[byte & 31]
  return id
}

/** Whether `text` has the form of an id of this kind. */
export function isId(kind: IdKind, text: string): boolean {
  return text.length === kind.length + 1 + length && text.startsWith(`${kind}_`) && /^\w+$/.test(text)
}
