import { randomBytes } from 'node:crypto'

/** The characters of Crockford's base 32. It has no letters that look like digits. */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'
const length = 20

/** The kinds of ids. The kind is the prefix of the id, so that a reader of the logs sees it. */
export type IdKind = 'cus' | 'sub' | 'inv' | 'pay' | 'ref'

/** Returns a new id. It consists of the kind (such as `inv`), `_` and 20 random characters (100 bits). */
export function newId(kind: IdKind, bytes: Uint8Array = randomBytes(length)): string {
  let id = `${kind}_`
  for (const byte of bytes.subarray(0, length)) id += alphabet[byte & 31]
  return id
}

/** Returns whether `text` has the form of an id of this kind. */
export function isId(kind: IdKind, text: string): boolean {
  return text.length === kind.length + 1 + length && text.startsWith(`${kind}_`) && /^\w+$/.test(text)
}
