import { createHash } from 'node:crypto'

/** Returns the hash by which the list of published secrets is searched: the first 48 bits of the SHA-256 of the text in lower case. */
export function secretHash(text: string): string {
  return createHash('sha256').update(text.toLowerCase()).digest('base64url').slice(0, 8)
}
