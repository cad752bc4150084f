import { type JsonObject, parseJsonObject } from './strict-json.ts'

/** The longest token that is looked at, in characters. Ours are under 1 KB; a cookie holds 4 KB. */
export const maximumTokenLength = 8192

/** A token taken apart, nothing in it believed yet. The payload stays bytes until the signature has been checked. */
export type CompactToken = {
  header: JsonObject
  payload: Uint8Array
  signature: Uint8Array
  signingInput: Uint8Array
}

/**
 * Takes a JWS in compact serialization apart (RFC 7515 section 7.1), or null. Exactly three parts of canonical base64url:
 * no padding, no other alphabet, no blank, unused bits zero. So a token has one spelling.
 */
export function parseCompactToken(token: string): CompactToken | null {
  if (typeof token !== 'string' || token.length > maximumTokenLength) return null
  const headerEnd = token.indexOf('.')
  const payloadEnd = token.indexOf('.', headerEnd + 1)
  if (payloadEnd === -1) return null
  const headerBytes = decodeBase64Url(token.slice(0, headerEnd))
  const payload = decodeBase64Url(token.slice(headerEnd + 1, payloadEnd))
  // A further dot would stand in here, and is no base64url.
  const signature = decodeBase64Url(token.slice(payloadEnd + 1))
  if (headerBytes === null || payload === null || signature === null) return null
  const header = parseJsonObject(headerBytes)
  if (header === null) return null
  return { header, payload, signature, signingInput: Buffer.from(token.slice(0, payloadEnd), 'latin1') }
}

/** Decodes canonical, unpadded base64url, or null for anything else and for nothing at all. */
export function decodeBase64Url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  // Node skips what it does not know and forgives unused bits; only the canonical spelling survives the way back.
  return text.length > 0 && bytes.toString('base64url') === text ? bytes : null
}
