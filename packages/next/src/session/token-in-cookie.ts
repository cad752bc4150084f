/**
 * Encodes a token of a custom backend as a cookie value. Letters, digits, `_`, `.` and `-` stay unchanged, so a JWT stays unchanged. Every
 * other character becomes `~` and two hexadecimal digits. `%` is not used, because some proxies and frameworks decode it.
 */
export function tokenToCookie(token: string): string {
  return token.replace(/[^\w.-]/g, (character) => `~${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** Decodes a value that {@link tokenToCookie} has returned. If the value has another form, the result is not a valid token. */
export function tokenFromCookie(value: string): string {
  return value.replace(/~([\da-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
