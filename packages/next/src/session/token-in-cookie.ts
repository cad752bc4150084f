/**
 * A token of somebody else's backend as a cookie's value: letters, digits, `_`, `.` and `-` stay, anything else becomes `~` and two
 * hexadecimal digits. Not `%`: proxies and frameworks decode that on the way, each at its own moment. A JWT stays as it is.
 */
export function tokenToCookie(token: string): string {
  return token.replace(/[^\w.-]/g, (character) => `~${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

/** The other way round. What {@link tokenToCookie} did not write comes back as it is, and is no token. */
export function tokenFromCookie(value: string): string {
  return value.replace(/~([\da-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
}
