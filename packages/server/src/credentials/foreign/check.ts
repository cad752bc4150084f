import { pbkdf2, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Compares a password with one stored hash. */
export type Check = (password: string) => Promise<boolean>

/** The settings for password hashes of other systems. */
export type ForeignHashConfig = {
  /** Whether salted SHA-2 is accepted. SHA-2 is much too fast for passwords. */
  legacySha2: boolean
  /** The parameters of the Firebase project, in base64. Without these parameters, the hashes of the project cannot be checked. */
  firebase: { signerKey: string; saltSeparator: string } | null
}

const pbkdf2InThread = promisify(pbkdf2)
const scryptInThread = promisify<string | Buffer, string | Buffer, number, ScryptOptions, Buffer>(scrypt)

// The limits for the work of one check. A check with this work takes about one second. Without limits, a stored hash could block the
// server.
/** The maximum number of PBKDF2 rounds, multiplied by the number of digest blocks in the key, because each block needs all rounds again. */
export const maxPbkdf2Work = 3_000_000
/** The maximum number of bytes that scrypt processes: 128 N r p. */
export const maxScryptBytes = 256 * 1024 * 1024
/** The maximum number of kibibytes that argon2 processes: memory multiplied by passes. */
export const maxArgon2Kibibytes = 1024 * 1024
export const maxBcryptCost = 14

export type Digest = 'sha1' | 'sha256' | 'sha512'

const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const satisfies Record<Digest, number>

/** Returns a check for PBKDF2 (RFC 8018). Returns null if the parameters are out of bounds. */
export function pbkdf2Check(
  key: Buffer,
  { salt, iterations, digest }: { salt: string | Buffer; iterations: number; digest: Digest },
): Check | null {
  const work = iterations * Math.ceil(key.length / digestBytes[digest])
  if (!(iterations >= 1 && work <= maxPbkdf2Work) || key.length < 16 || key.length > 64) return null
  return async (password) => isSame(await pbkdf2InThread(password, salt, iterations, key.length, digest), key)
}

export type ScryptCost = { N: number; r: number; p: number }

/** Returns a function that derives a key with scrypt (RFC 7914). Returns null if the parameters are out of bounds. */
export function scryptKey(
  salt: string | Buffer,
  length: number,
  { N, r, p }: ScryptCost,
): ((password: string) => Promise<Buffer>) | null {
  const isPower = N >= 2 && Number.isInteger(Math.log2(N))
  const memory = 128 * N * r
  if (!isPower || !(r >= 1 && r <= 32) || !(p >= 1 && p <= 4) || memory * p > maxScryptBytes) return null
  return (password) => scryptInThread(password, salt, length, { N, r, p, maxmem: memory * 2 })
}

/** Compares two values in constant time. */
export function isSame(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

/** Decodes base64. Returns null if the text is not base64. */
export function fromBase64(text: string): Buffer | null {
  return /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}(?:==)?|[A-Za-z\d+/]{3}=?)?$/.test(text)
    ? Buffer.from(text, 'base64')
    : null
}
