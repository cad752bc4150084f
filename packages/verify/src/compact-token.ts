import { type JsonObject, parseJsonObject } from './strict-json.ts'

/** The maximum length of a token in characters. Tokens of Sallyport have at most 3,800 characters, so that they fit into a cookie. */
export const maximumTokenLength = 8192

/** The parts of a token. They are not verified yet. The payload is parsed only after the signature is verified. */
export type CompactToken = {
  header: JsonObject
  payload: Uint8Array
  signature: Uint8Array
  signingInput: Uint8Array
}

/**
 * Parses a JWS in compact serialization (RFC 7515 section 7.1). Returns null if the text is not one. The token must have exactly three
 * parts of canonical base64url: no padding, no other alphabet, no whitespace, and unused bits are zero. So each part has only one valid
 * encoding.
 */
export function parseCompactToken(token: string): CompactToken | null {
  if (typeof token !== 'string' || token.length > maximumTokenLength) return null
  const headerEnd = token.indexOf('.')
  const payloadEnd = token.indexOf('.', headerEnd + 1)
  if (payloadEnd === -1) return null
  const headerBytes = decodeBase64Url(token.slice(0, headerEnd))
  const payload = decodeBase64Url(token.slice(headerEnd + 1, payloadEnd))
  // If the token has more than two dots, the others are in this part, and decoding fails.
  const signature = decodeBase64Url(token.slice(payloadEnd + 1))
  if (headerBytes === null || payload === null || signature === null) return null
  const header = parseJsonObject(headerBytes)
  if (header === null) return null
  return { header, payload, signature, signingInput: Buffer.from(token.slice(0, payloadEnd), 'latin1') }
}

/** Decodes canonical base64url without padding. Returns null if the text is empty or not canonical. */
export function decodeBase64Url(text: string): Uint8Array | null {
  const bytes = Buffer.from(text, 'base64url')
  // Node's decoder ignores invalid characters and unused bits. So encode the result again and compare the texts.
  return text.length > 0 && bytes.toString('base64url') === text ? bytes : null
}
