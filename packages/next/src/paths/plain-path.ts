/** Encoded control characters, and overlong UTF-8, which some decoders read as a dot or a slash. */
const refusedCodes = /%(?:[01][\da-f]|7f|c[01]|e0%[89]|f0%8)/i

/** More often than any server decodes a path. The limit bounds the work for long paths, which clients can send. */
const maxDecodings = 8

/**
 * Returns whether every server reads this path in the same way. No part of it is `.` or `..`, however often it is decoded, whether or not
 * `\` and an encoded slash separate parts, and whether or not `;`, `?` or `#` ends a part. A path that was encoded more than
 * {@link maxDecodings} times is not plain.
 *
 * @param pathname As in an address: percent-encoded, without query.
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
