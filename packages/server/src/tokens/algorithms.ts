import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

type KeyPair = { publicKey: KeyObject; privateKey: KeyObject }

type SigningAlgorithm = {
  signatureBytes: number
  generate(): KeyPair
  sign(data: Buffer, key: KeyObject): Buffer
}

/**
 * The signing algorithms. Signatures are made on the calling thread. In libuv's thread pool they would wait behind password hashes
 * (measured with four hashes at once: 16 ms median and 218 ms p99 in the pool, 0.05 ms here).
 */
export const signingAlgorithms = {
  ES256: {
    signatureBytes: 64,
    // Use our own type `KeyPair`. The name of Node's type differs between versions, and it would appear in our declarations.
    generate: (): KeyPair => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    // Pass the key, not `{ key, dsaEncoding: 'ieee-p1363' }`. With an object, Node 24 throws two exceptions internally, which take as long
    // as the signature.
    sign: (data, key) => sideBySide(sign('sha256', data, key)),
  },
} as const satisfies Record<string, SigningAlgorithm>

export type SigningAlgorithmName = keyof typeof signingAlgorithms

export function isSigningAlgorithm(name: string): name is SigningAlgorithmName {
  return Object.hasOwn(signingAlgorithms, name)
}

const bytesOfNumber = 32

/**
 * Converts a P-256 signature from DER, which OpenSSL makes, to the form of JWS. DER is a sequence of two integers (RFC 3279 section 2.2.3):
 * an integer has no leading zeros, except one zero byte if it would otherwise be read as negative. JWS needs the two numbers one after the
 * other, each 32 bytes long (RFC 7518 section 3.4).
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
