import { createHmac, timingSafeEqual } from 'node:crypto'
import { fromBase32, toBase32 } from './base32.ts'
import type { RandomBytes } from './id.ts'

/** Seconds of a time step (RFC 6238 section 5.2). Authenticator apps support no other value reliably. */
const stepSeconds = 30
const digits = 6
/** Steps before and after the current one whose codes are accepted, because clocks differ and typing takes time (RFC 6238 section 5.2). */
const drift = 1

/** Creates the secret of an authenticator app: 160 random bits, as RFC 4226 section 4 recommends, in base32. */
export function newTotpSecret(randomBytes: RandomBytes): string {
  return toBase32(randomBytes(20))
}

/** Returns the code of a time step (RFC 4226 section 5.3, with HMAC-SHA-1). */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = mac.readUInt8(mac.length - 1) & 0x0f
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff
  return String(number % 10 ** digits).padStart(digits, '0')
}

/** Returns the number of the time step of a time in milliseconds. */
export function totpStep(now: number): number {
  return Math.floor(now / (stepSeconds * 1000))
}

/**
 * Returns the time steps, near `now`, for which this is the code. The list is empty for a wrong code. The caller must ensure that each step
 * is used only once. All codes are compared, in constant time.
 */
export function totpStepsOf(secret: string, code: string, now: number): number[] {
  const given = Buffer.from(code.replaceAll(/\s/g, ''))
  const current = totpStep(now)
  const steps = Array.from({ length: 2 * drift + 1 }, (_, at) => current - drift + at)
  return steps.filter((step) => {
    const right = Buffer.from(totpCode(secret, Math.max(0, step)))
    return given.length === right.length && timingSafeEqual(given, right)
  })
}

/**
 * Returns the address that authenticator apps read from a QR code
 * (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
 */
export function totpUri({
  secret,
  issuer,
  account,
}: {
  secret: string
  issuer: string
  account: string
}): string {
  // A colon separates issuer and account, so neither may contain one.
  const [from, of] = [issuer, account].map((text) => encodeURIComponent(text.replaceAll(':', ' ')))
  return `otpauth://totp/${from}:${of}?secret=${secret}&issuer=${from}&algorithm=SHA1&digits=${digits}&period=${stepSeconds}`
}
