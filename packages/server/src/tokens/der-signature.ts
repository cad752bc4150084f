const bytesOfNumber = 32

/**
 * Converts a P-256 signature from DER, as OpenSSL makes it (RFC 3279 section 2.2.3), to the form of JWS: the two numbers side by side (RFC
 * 7518 section 3.4). In DER, each integer has no leading zeros, except one where it would be negative.
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
