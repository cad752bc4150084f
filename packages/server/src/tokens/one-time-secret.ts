import { createHash } from 'node:crypto'
import type { RandomBytes } from './id.ts'

const spelling = /^[\w-]{43}$/

/** Creates the secret of a mailed link: 256 random bits as base64url. Only the hash of the secret is stored. */
export function newOneTimeSecret(randomBytes: RandomBytes): { secret: string; hash: string } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashOf(secret) }
}

/** Returns the hash under which a secret is stored. Returns null if the text does not have the form of a secret. */
export function oneTimeHash(secret: string): string | null {
  return spelling.test(secret) && Buffer.from(secret, 'base64url').toString('base64url') === secret
    ? hashOf(secret)
    : null
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
