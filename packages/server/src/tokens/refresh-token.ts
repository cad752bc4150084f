import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto'
import { uuidOf } from './id.ts'
import type { Keyring } from './keyring.ts'

/**
 * The parts of a refresh token whose form and check value are right. The MAC is verified later, because the salt of the session is needed
 * for that.
 */
export type ParsedRefreshToken = {
  sessionId: string
  generation: number
  branch: number
  mac: Buffer
  /** The position in the keyring of the secret with which the token was made. */
  keyIndex: number
}

export type RefreshTokens = ReturnType<typeof createRefreshTokens>

/**
 * A token has these bytes: session id 16, generation 4, branch 2, MAC 24, check value 8. As base64url, a token has 72 characters. Each
 * token can be written in only one way.
 */
const spelling = /^[\w-]{72}$/

/**
 * Creates the functions for refresh tokens. The key of the MAC comes from the server's secret, and the MAC covers the session's salt. So
 * somebody who has only the database or only the secret cannot make a token. The check value needs only the secret, so a token that is not
 * genuine is refused before the database is read. While a secret is being replaced, tokens of all secrets are accepted, and new tokens are
 * made with the first secret.
 */
export function createRefreshTokens(keyring: Pick<Keyring, 'macKeys'>) {
  const checkKeys = keyring.macKeys('refresh token check')
  const keys = keyring.macKeys('refresh token')
  const keyAt = (among: readonly KeyObject[], index: number): KeyObject => {
    const key = among[index]
    if (key === undefined) throw new Error('There is no such key.')
    return key
  }

  // The salt has a fixed length, so two different pairs of salt and body never give the same input.
  const macOf = (index: number, salt: string, body: Buffer) =>
    createHmac('sha256', keyAt(keys, index)).update(salt, 'base64url').update(body).digest().subarray(0, 24)
  const checkOf = (key: KeyObject, bytes: Buffer) =>
    createHmac('sha256', key).update(bytes).digest().subarray(0, 8)

  return {
    /** Makes the token of one branch of one generation. The same arguments give the same token, so a response can be repeated. */
    make(sessionId: string, salt: string, generation: number, branch: number): string {
      const body = bodyOf(sessionId, generation, branch)
      const signed = Buffer.concat([body, macOf(0, salt, body)])
      return Buffer.concat([signed, checkOf(keyAt(checkKeys, 0), signed)]).toString('base64url')
    },
    parse(token: string): ParsedRefreshToken | null {
      if (!spelling.test(token)) return null
      const bytes = Buffer.from(token, 'base64url')
      const keyIndex = checkKeys.findIndex((key) =>
        timingSafeEqual(checkOf(key, bytes.subarray(0, 46)), bytes.subarray(46)),
      )
      if (keyIndex === -1) return null
      return {
        sessionId: uuidOf(bytes.subarray(0, 16)),
        generation: bytes.readUInt32BE(16),
        branch: bytes.readUInt16BE(20),
        mac: bytes.subarray(22, 46),
        keyIndex,
      }
    },
    isGenuine({ sessionId, generation, branch, mac, keyIndex }: ParsedRefreshToken, salt: string): boolean {
      return timingSafeEqual(mac, macOf(keyIndex, salt, bodyOf(sessionId, generation, branch)))
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
