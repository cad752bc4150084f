import { createHash } from 'node:crypto'

/** Returns the form in which the list of published secrets stores a secret: the first 48 bits of the SHA-256 of its lower case. */
export function secretHash(text: string): string {
  return createHash('sha256').update(text.toLowerCase()).digest('base64url').slice(0, 8)
}
