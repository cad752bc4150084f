import { type JsonObject, parseJsonObject } from './strict-json.ts'

/** The maximum length of a token in characters. Tokens of Sallyport are under 1 KB; a cookie holds 4 KB. */
export const maximumTokenLength = 8192

/** The parts of a token, not verified yet. The payload stays bytes until the signature is verified. */
export type CompactToken = {
  header: JsonObject
  payload: Uint8Array
  signature: Uint8Array
  signingInput: Uint8Array
}

/**
 * Parses a JWS in compact serialization (RFC 7515 section 7.1); returns null if it is none. It must have exactly three parts of canonical
 * base64url: no padding, no other alphabet, no whitespace, unused bits zero. So a token has one spelling.
 */
export function parseCompactToken(token: string): CompactToken | null {
  if (typeof token !== 'string' || token.length > maximumTokenLength) return null
  const headerEnd = token.indexOf('.')
  const payloadEnd = token.indexOf('.', headerEnd + 1)
  if (payloadEnd === -1) return null
  const headerBytes = decodeBase64Url(token.slice(0, headerEnd))
  const payload = decodeBase64Url(token.slice(headerEnd + 1, payloadEnd))
  // A further dot would be in this part, and is not base64url.
  const signature = decodeBase64Url(token.slice(payloadEnd + 1))
  if (headerBytes === null || payload === null || signature === null) return null
  const header = parseJsonObject(headerBytes)
  if (header === null) return null
  return { header, payload, signature, signingInput: Buffer.from(token.slice(0, payloadEnd), 'latin1') }
}

/** Decodes canonical, unpadded base64url. Returns null for any other or empty text. */
export function decodeBase64Url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  // Node ignores invalid characters and unused bits, so compare with the canonical encoding of the result.
  return text.length > 0 && bytes.toString('base64url') === text ? bytes : null
}
