import { type Check, isSame, scryptKey } from './check.ts'

/**
 * Checks `better-auth$<salt>:<key>`. Better Auth stores the salt and the key in its table `account`. The salt is used as text of
 * hexadecimal digits, not as the bytes for which the digits stand.
 */
export function betterAuthCheck(stored: string): Check | null {
  const [, salt = '', hex = ''] = /^better-auth\$([\da-f]{32}):([\da-f]{128})$/.exec(stored) ?? []
  if (hex === '') return null
  const derive = scryptKey(salt, 64, { N: 16_384, r: 16, p: 1 })
  const key = Buffer.from(hex, 'hex')
  return derive && (async (password) => isSame(await derive(password.normalize('NFKC')), key))
}
