/**
 * Encodes a token of a custom backend as a cookie value: letters, digits, `_`, `.` and `-` are kept, other characters become `~` and two
 * hexadecimal digits. `%` is not used, because some proxies and frameworks decode it. A JWT is unchanged.
 */
export function tokenToCookie(token: string): string {
  return token.replace(/[^\w.-]/g, (character) => `~${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** Decodes a value of {@link tokenToCookie}. Other values are returned unchanged, and are not valid tokens. */
export function tokenFromCookie(value: string): string {
  return value.replace(/~([\da-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
