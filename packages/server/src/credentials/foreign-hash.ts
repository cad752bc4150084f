import { aspnetCheck } from './foreign/aspnet.ts'
import { betterAuthCheck } from './foreign/better-auth.ts'
import type { Check, ForeignSettings } from './foreign/check.ts'
import { djangoCheck } from './foreign/django.ts'
import { firebaseCheck } from './foreign/firebase.ts'
import { argon2Check, bcryptCheck } from './foreign/phc.ts'
import { sha2Check } from './foreign/sha2.ts'

export type { ForeignSettings } from './foreign/check.ts'

const families = [
  argon2Check,
  bcryptCheck,
  djangoCheck,
  betterAuthCheck,
  aspnetCheck,
  firebaseCheck,
  sha2Check,
] as const satisfies ((stored: string, settings: ForeignSettings) => Check | null)[]

/** Whether a stored hash is of a form, and of a cost, that a sign-in can check. No work is done. */
export function isSupportedHash(stored: string, settings: ForeignSettings): boolean {
  return checkOf(stored, settings) !== null
}

/** How a stored hash is compared with a password; null for what is none that we know. */
export function checkOf(stored: string, settings: ForeignSettings): Check | null {
  for (const family of families) {
    const check = family(stored, settings)
    if (check !== null) return check
  }
  return null
}
