import { createHash, timingSafeEqual } from 'node:crypto'

/** Compares with every secret, each in constant time, whatever their lengths. */
export function isOneOf(given: string, secrets: readonly string[]): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = digest(given)
  return secrets.reduce((found, secret) => timingSafeEqual(digest(secret), wanted) || found, false)
}
