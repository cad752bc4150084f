import { createHash } from 'node:crypto'
import type { RandomBytes } from './id.ts'

const spelling = /^[\w-]{43}$/

/** A secret for a link: 256 random bits, base64url. Only its hash is kept. */
export function newOneTimeSecret(randomBytes: RandomBytes): { secret: string; hash: string } {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashOf(secret) }
}

/** The hash under which a secret is kept; null for what is none, by its form alone. */
export function oneTimeHash(secret: string): string | null {
  return spelling.test(secret) && Buffer.from(secret, 'base64url').toString('base64url') === secret
    ? hashOf(secret)
    : null
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}
