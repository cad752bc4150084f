/** Encoded control characters, and characters that are longer than UTF-8 allows: some decoders read a dot or a slash there. */
const refusedCodes = /%(?:[01][\da-f]|7f|c[01]|e0%[89]|f0%8)/i

/** More than anybody on the way decodes. Each time costs a reading of the whole path, which a stranger may have made long. */
const maxDecodings = 8

/**
 * Whether no server on the way reads this path as one that leads elsewhere: however often it is decoded, whether or not `\` and an encoded
 * slash part it, and whether or not `;`, `?` or `#` ends it, no part of it is `.` or `..`. What was encoded more than {@link maxDecodings}
 * times is not plain.
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
