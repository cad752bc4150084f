import { verify as verifyArgon2 } from '@node-rs/argon2'
import { compare as compareBcrypt } from 'bcrypt'
import { type Check, maxArgon2Kibibytes, maxBcryptCost } from './check.ts'

const argon2Form =
  /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?m=([1-9]\d{0,6}),t=([1-9]\d{0,2}),p=([1-9]\d{0,2})\$[A-Za-z\d+/]{11,86}\$[A-Za-z\d+/]{16,86}$/

/** Returns whether a sign-in can check an argon2 hash of this cost. */
export function isArgon2Bounded(cost: { memoryKibibytes: number; passes: number; lanes: number }): boolean {
  const { memoryKibibytes, passes, lanes } = cost
  return (
    memoryKibibytes <= 262_144 &&
    memoryKibibytes >= 8 * lanes &&
    memoryKibibytes * passes <= maxArgon2Kibibytes &&
    lanes <= 16
  )
}

/** Checks argon2id, argon2i and argon2d in the PHC format (RFC 9106). */
export function argon2Check(stored: string): Check | null {
  const [, memory, times, lanes] = argon2Form.exec(stored) ?? []
  const cost = { memoryKibibytes: Number(memory), passes: Number(times), lanes: Number(lanes) }
  // The library throws for some invalid hashes, for example if the salt is incomplete. No password matches these hashes.
  return isArgon2Bounded(cost) ? (password) => verifyArgon2(stored, password).catch(() => false) : null
}

/**
 * Checks bcrypt with the prefixes 2a, 2b and 2y. bcrypt uses at most 72 bytes of a password. The argon2id hash that replaces the bcrypt
 * hash uses all bytes.
 */
export function bcryptCheck(stored: string): Check | null {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z\d]{53}$/.exec(stored) ?? []
  // PHP's prefix 2y means the same algorithm as 2b, but the library does not support 2y.
  const known = stored.replace(/^\$2y/, '$$2b')
  return Number(cost) >= 4 && Number(cost) <= maxBcryptCost
    ? (password) => compareBcrypt(password, known).catch(() => false)
    : null
}
