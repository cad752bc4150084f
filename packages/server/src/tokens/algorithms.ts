import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

type KeyPair = { publicKey: KeyObject; privateKey: KeyObject }

type SigningAlgorithm = {
  signatureBytes: number
  generate(): KeyPair
  sign(data: Buffer, key: KeyObject): Buffer
}

/**
 * The signing algorithms. Signatures are made on the calling thread, because in libuv's pool they would wait behind password hashes
 * (measured with four hashes at once: 16 ms median and 218 ms p99, against 0.05 ms here).
 */
export const signingAlgorithms = {
  ES256: {
    signatureBytes: 64,
    // The name of Node's own type differs between versions and would appear in our declarations.
    generate: (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    // Not `{ key, dsaEncoding: 'ieee-p1363' }`: with an object, Node 24 throws two exceptions internally, which take as long as the signature.
    sign: (data, key) => sideBySide(sign('sha256', data, key)),
  },
} as const satisfies Record<string, SigningAlgorithm>

export type SigningAlgorithmName = keyof typeof signingAlgorithms

export function isSigningAlgorithm(name: string): name is SigningAlgorithmName {
  return Object.hasOwn(signingAlgorithms, name)
}

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
