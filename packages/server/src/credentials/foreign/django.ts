import { createHash } from 'node:crypto'
import { type Check, fromBase64, isSame, pbkdf2Check, scryptKey } from './check.ts'
import { argon2Check, bcryptCheck } from './phc.ts'

/** Checks the formats of Django's column `auth_user.password` (django.contrib.auth.hashers). */
export function djangoCheck(stored: string): Check | null {
  const at = stored.indexOf('$')
  const [algorithm, rest] = [stored.slice(0, at), stored.slice(at + 1)]
  if (algorithm === 'pbkdf2_sha256') return djangoPbkdf2(rest, 'sha256')
  if (algorithm === 'pbkdf2_sha1') return djangoPbkdf2(rest, 'sha1')
  if (algorithm === 'argon2') return argon2Check(`$${rest}`)
  if (algorithm === 'bcrypt') return bcryptCheck(rest)
  if (algorithm === 'bcrypt_sha256') return djangoBcryptSha256(rest)
  if (algorithm === 'scrypt') return djangoScrypt(rest)
  return null
}

function djangoPbkdf2(text: string, digest: 'sha1' | 'sha256'): Check | null {
  const [, iterations, salt = '', hash = ''] = /^(\d{1,8})\$([^$]{1,128})\$([^$]+)$/.exec(text) ?? []
  const key = fromBase64(hash)
  return key && pbkdf2Check(key, { salt, iterations: Number(iterations), digest })
}

/**
 * Checks bcrypt of the password's SHA-256 in hexadecimal. Because of the SHA-256, the hash depends on the whole password and not only on
 * its first 72 bytes.
 */
function djangoBcryptSha256(text: string): Check | null {
  const check = bcryptCheck(text)
  return check && ((password) => check(createHash('sha256').update(password).digest('hex')))
}

function djangoScrypt(text: string): Check | null {
  const [, N, salt = '', r, p, hash = ''] =
    /^(\d{1,8})\$([^$]{1,128})\$(\d+)\$(\d+)\$([^$]+)$/.exec(text) ?? []
  const key = fromBase64(hash)
  if (key?.length !== 64) return null
  const derive = scryptKey(salt, 64, { N: Number(N), r: Number(r), p: Number(p) })
  return derive && (async (password) => isSame(await derive(password), key))
}
