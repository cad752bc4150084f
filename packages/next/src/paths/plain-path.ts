/** Encoded control characters and overlong UTF-8. Some decoders read overlong UTF-8 as a dot or a slash. */
const refusedCodes = /%(?:[01][\da-f]|7f|c[01]|e0%[89]|f0%8)/i

/**
 * The maximum number of times that a path is decoded. No server decodes a path so often. There is a limit because clients can send long
 * paths.
 */
const maxDecodings = 8

/**
 * Returns whether no server can find a part `.` or `..` in this path. Servers differ in how often they decode a path, in whether they treat
 * `\` and an encoded slash as separators, and in whether they end a part at `;`, `?` or `#`. The result is false if a path was
 * encoded more than {@link maxDecodings} times.
 *
 * @param pathname The path as in a URL: percent-encoded, without query.
 */
export function isPlainPath(pathname: string): boolean {
  if (!/^\/(?!\/)[\w.~!$&'()*+,;=:@%/|[\]-]*$/.test(pathname) || /\/\/|%(?![\da-f]{2})/i.test(pathname))
    return false
  let reading = pathname
  for (let decodings = 0; decodings <= maxDecodings; decodings++) {
    if (refusedCodes.test(reading)) return false
    if (reading.split(/[/\\]/).some((part) => /^\.{1,2}\s*(?:[;?#]|$)/.test(part))) return false
    const next = reading.replace(/%[\da-f]{2}/gi, (code) =>
      String.fromCharCode(Number.parseInt(code.slice(1), 16)),
    )
    if (next === reading) return true
    reading = next
  }
  return false
}
