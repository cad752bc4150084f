import { createHash } from 'node:crypto'
import { toBase32 } from './base32.ts'
import type { RandomBytes } from './id.ts'

/** The number of recovery codes in a set. */
export const recoveryCodeCount = 10

/**
 * Creates a recovery code: 120 random bits as base32, in six groups of four letters. With 112 bits or more, a fast hash may be stored (ASVS
 * 6.5.2), so no guess is possible even with a copy of the database.
 */
export function newRecoveryCode(randomBytes: RandomBytes): { code: string; hash: string } {
  const letters = toBase32(randomBytes(15)).toLowerCase()
  return { code: letters.replaceAll(/(.{4})(?=.)/g, '$1-'), hash: hashOf(letters) }
}

/**
 * Returns the hash under which a recovery code is stored. Returns null if the text does not have the form of a code. Capital letters,
 * spaces and missing dashes make no difference.
 */
export function recoveryCodeHash(typed: string): string | null {
  const letters = typed.toLowerCase().replaceAll(/[\s\p{Pd}]/gu, '')
  return /^[a-z2-7]{24}$/.test(letters) ? hashOf(letters) : null
}

function hashOf(letters: string): string {
  return createHash('sha256').update(letters).digest('base64url')
}
