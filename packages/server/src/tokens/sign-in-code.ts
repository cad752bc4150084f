import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { RandomBytes } from './id.ts'

const codes = 1_000_000
/** The largest multiple of the number of codes that fits into 32 bits. Larger numbers are drawn again, so that all codes are equally likely. */
const limit = Math.floor(2 ** 32 / codes) * codes

/** Returns a code of six random digits. */
export function newSignInCode(randomBytes: RandomBytes): string {
  for (;;) {
    const number = randomBytes(4).readUInt32BE()
    if (number < limit) return String(number % codes).padStart(6, '0')
  }
}

/**
 * Returns the value that is stored in place of a code. It depends on the handle of the browser, so the same code of another browser has
 * another value. Without the key, the code cannot be found by trying all codes.
 */
export function codeMacOf(key: KeyObject, handleHash: string, code: string): string {
  return createHmac('sha256', key).update(`${handleHash}.${code}`).digest('base64url')
}

/** Returns whether the stored value belongs to this code, under any of the accepted keys. */
export function isCodeOf(
  keys: readonly KeyObject[],
  stored: string,
  { handleHash, code }: { handleHash: string; code: string },
): boolean {
  const expected = Buffer.from(stored)
  return keys.some((key) => {
    const given = Buffer.from(codeMacOf(key, handleHash, code))
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
