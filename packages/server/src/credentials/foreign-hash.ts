import { aspnetCheck } from './foreign/aspnet.ts'
import { betterAuthCheck } from './foreign/better-auth.ts'
import type { Check, ForeignHashConfig } from './foreign/check.ts'
import { djangoCheck } from './foreign/django.ts'
import { firebaseCheck } from './foreign/firebase.ts'
import { argon2Check, bcryptCheck } from './foreign/phc.ts'
import { sha2Check } from './foreign/sha2.ts'

export type { ForeignHashConfig } from './foreign/check.ts'

const families = [
  argon2Check,
  bcryptCheck,
  djangoCheck,
  betterAuthCheck,
  aspnetCheck,
  firebaseCheck,
  sha2Check,
] as const satisfies ((stored: string, settings: ForeignHashConfig) => Check | null)[]

/** Returns whether a sign-in can check a stored hash that has this format and this cost. Does not compute a hash. */
export function isSupportedHash(stored: string, settings: ForeignHashConfig): boolean {
  return checkOf(stored, settings) !== null
}

/** Returns the function that compares a password with a stored hash. Returns null if the format is unknown. */
export function checkOf(stored: string, settings: ForeignHashConfig): Check | null {
  for (const family of families) {
    const check = family(stored, settings)
    if (check !== null) return check
  }
  return null
}
