import { verify as verifyArgon2 } from '@node-rs/argon2'
import { verify as verifyBcrypt } from '@node-rs/bcrypt'
import type { Check } from './check.ts'

const argon2Form =
  /^\$argon2(?:id|i|d)\$(?:v=(?:16|19)\$)?m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$[A-Za-z\d+/]{11,86}\$[A-Za-z\d+/]{16,86}$/

/** argon2id, argon2i and argon2d in the PHC form (RFC 9106). */
export function argon2Check(stored: string): Check | null {
  const [, memory, times, lanes] = argon2Form.exec(stored) ?? []
  const isBounded = Number(memory) <= 262_144 && Number(times) <= 20 && Number(lanes) <= 16
  return isBounded ? (password) => verifyArgon2(stored, password) : null
}

/** bcrypt, 2a, 2b and 2y. It hears 72 bytes of a password, wherever it was made; the argon2id that replaces it hears all. */
export function bcryptCheck(stored: string): Check | null {
  const [, cost] = /^\$2[aby]\$(\d\d)\$[./A-Za-z\d]{53}$/.exec(stored) ?? []
  return Number(cost) >= 4 && Number(cost) <= 15 ? (password) => verifyBcrypt(password, stored) : null
}
