import { createHash } from 'node:crypto'

/** How the list of published secrets names one: the first 48 bits of the SHA-256 of its lower case. */
export function secretHash(text: string): string {
  return createHash('sha256').update(text.toLowerCase()).digest('base64url').slice(0, 8)
}
