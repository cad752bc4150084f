import { createHash } from 'node:crypto'

/** A token by a name that gives nothing away. */
export function nameOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
