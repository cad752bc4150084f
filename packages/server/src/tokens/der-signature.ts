const bytesOfNumber = 32

/**
 * The two numbers of a P-256 signature side by side, as JWS wants them (RFC 7518 section 3.4), out of the DER that OpenSSL makes (RFC 3279
 * section 2.2.3): a sequence of two integers, each without zeros before it but with one where it would be read as negative.
 */
export function sideBySide(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * bytesOfNumber)
  const firstLength = der.readUInt8(3)
  const first = der.subarray(4, 4 + firstLength)
  const second = der.subarray(4 + firstLength + 2)
  for (const [index, number] of [first, second].entries()) {
    const digits = number.subarray(Math.max(0, number.length - bytesOfNumber))
    signature.set(digits, (index + 1) * bytesOfNumber - digits.length)
  }
  return signature
}
