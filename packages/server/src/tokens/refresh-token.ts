import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import { uuidOf } from './id.ts'
import { deriveKey } from './secret.ts'

/** What a refresh token says, once its form and check are right. The MAC is judged with the session's salt. */
export type ParsedRefreshToken = { sessionId: string; generation: number; branch: number; mac: Buffer }

export type RefreshTokens = ReturnType<typeof createRefreshTokens>

/** Bytes: session id 16, generation 4, branch 2, MAC 24, check 8; 72 characters of base64url with no spelling but one. */
const length = 54
const spelling = /^[\w-]{72}$/

/**
 * Refresh tokens (DESIGN section 4). The MAC is under a key from the server's secret and over the session's own salt, so neither the
 * database alone nor the secret alone makes one. The check is under the secret alone: garbage is refused before the database.
 */
export function createRefreshTokens(secret: string) {
  // Key objects throughout: an HMAC under bare bytes takes three times as long (measured: 12.6 µs against 3.7).
  const checkKey = createSecretKey(deriveKey(secret, 'refresh token check'))

  const key = createSecretKey(deriveKey(secret, 'refresh token'))

  // The salt has one length, so that salt and body are read in one way only.
  const macOf = (salt: string, body: Buffer) =>
    createHmac('sha256', key).update(salt, 'base64url').update(body).digest().subarray(0, 24)
  const checkOf = (bytes: Buffer) => createHmac('sha256', checkKey).update(bytes).digest().subarray(0, 8)

  return {
    /** The token of one branch of one generation; the same each time, so that an answer can be repeated. */
    make(sessionId: string, salt: string, generation: number, branch: number): string {
      const body = bodyOf(sessionId, generation, branch)
      const signed = Buffer.concat([body, macOf(salt, body)])
      return Buffer.concat([signed, checkOf(signed)]).toString('base64url')
    },
    parse(token: string): ParsedRefreshToken | null {
      if (!spelling.test(token)) return null
      const bytes = Buffer.from(token, 'base64url')
      if (bytes.length !== length || !timingSafeEqual(checkOf(bytes.subarray(0, 46)), bytes.subarray(46)))
        return null
      return {
        sessionId: uuidOf(bytes.subarray(0, 16)),
        generation: bytes.readUInt32BE(16),
        branch: bytes.readUInt16BE(20),
        mac: bytes.subarray(22, 46),
      }
    },
    isGenuine({ sessionId, generation, branch, mac }: ParsedRefreshToken, salt: string): boolean {
      return timingSafeEqual(mac, macOf(salt, bodyOf(sessionId, generation, branch)))
    },
  }
}

function bodyOf(sessionId: string, generation: number, branch: number): Buffer {
  const body = Buffer.alloc(22)
  Buffer.from(sessionId.replaceAll('-', ''), 'hex').copy(body)
  body.writeUInt32BE(generation, 16)
  body.writeUInt16BE(branch, 20)
  return body
}
