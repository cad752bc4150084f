import { type KeyObject, verify } from 'node:crypto'
import { isWeakModulus } from './weak-modulus.ts'

/** Everything that depends on the algorithm. Other code does not need to distinguish algorithms. */
type Algorithm = {
  /** The `kty` of a JWK for this algorithm (RFC 7518 section 6, RFC 8037). */
  keyType: string
  curve?: string
  /** The public members of the JWK. If a member has a fixed length, the value is this length in bytes. Otherwise it is null. */
  members: Readonly<Record<string, number | null>>
  /** Returns false if the key is well-formed but not safe to use. */
  accepts(key: KeyObject, jwk: Readonly<Record<string, Uint8Array>>): boolean
  /** Returns the length of this key's signatures, in bytes. A signature of another length is refused without being verified. */
  signatureLength(key: KeyObject): number
  verify(data: Uint8Array, key: KeyObject, signature: Uint8Array): boolean
}

const edwards: Algorithm = {
  keyType: 'OKP',
  curve: 'Ed25519',
  members: { x: 32 },
  accepts: (_key, { x }) => x !== undefined && !isSmallOrder(x),
  signatureLength: () => 64,
  verify: (data, key, signature) => verify(null, data, key, signature),
}

/**
 * The supported signature algorithms. All are asymmetric. `EdDSA` and `Ed25519` are two names of the same algorithm. `Ed25519` is the
 * newer, fully specified name (RFC 9864). A key for this algorithm can be used only with the name in the `alg` of its JWK, or with `EdDSA`
 * if its JWK has no `alg`.
 *
 * Signatures are verified synchronously on the calling thread. One ES256 signature takes 0.10 ms. WebCrypto takes 0.13 to 0.18 ms, and
 * jose's `jwtVerify` takes 0.15 to 0.21 ms (Node 24, two cores). A synchronous call also does not wait for password hashes in libuv's
 * thread pool.
 */
export const algorithms = {
  ES256: {
    keyType: 'EC',
    curve: 'P-256',
    members: { x: 32, y: 32 },
    // At the import of the key, OpenSSL has already refused points off the curve and the point at infinity.
    accepts: () => true,
    signatureLength: () => 64,
    // Do not pass `{ key, dsaEncoding: 'ieee-p1363' }`. For an object, Node 24 throws and catches two exceptions internally. These
    // exceptions take half as much time as the verification itself.
    verify: (data, key, signature) => verify('sha256', data, key, derSignature(signature)),
  },
  EdDSA: edwards,
  Ed25519: edwards,
  RS256: {
    keyType: 'RSA',
    members: { n: null, e: null },
    accepts: (key, { n }) => {
      const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {}
      // RFC 7518 section 3.3 requires at least 2,048 bits. Because of the upper limits, a hostile key cannot use much CPU time.
      return (
        modulusLength >= 2048 &&
        modulusLength <= 8192 &&
        publicExponent >= 65537n &&
        publicExponent < 2n ** 32n &&
        publicExponent % 2n === 1n &&
        !isWeakModulus(n)
      )
    },
    signatureLength: (key) => Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8),
    verify: (data, key, signature) => verify('sha256', data, key, signature),
  },
} as const satisfies Record<string, Algorithm>

/** Converts an ECDSA signature from the JWS form (RFC 7518 section 3.4) to the DER form that OpenSSL reads (RFC 3279 section 2.2.3). */
function derSignature(signature: Uint8Array): Uint8Array {
  const der = Buffer.allocUnsafe(72)
  const end = writeInteger(der, writeInteger(der, 2, signature.subarray(0, 32)), signature.subarray(32))
  der[0] = 0x30
  der[1] = end - 2
  return der.subarray(0, end)
}

/**
 * Writes a non-negative integer in DER, without leading zero bytes. If the first bit is 1, one zero byte is added, because the integer
 * would be negative without it.
 */
function writeInteger(der: Uint8Array, at: number, bigEndian: Uint8Array): number {
  let zeros = 0
  while (zeros < bigEndian.length - 1 && bigEndian[zeros] === 0) zeros += 1
  const sign = (bigEndian[zeros] ?? 0) >= 0x80 ? 1 : 0
  const length = bigEndian.length - zeros + sign
  der[at] = 0x02
  der[at + 1] = length
  der[at + 2] = 0
  der.set(zeros === 0 ? bigEndian : bigEndian.subarray(zeros), at + 2 + sign)
  return at + 2 + length
}

/** The name of a supported algorithm. */
export type AlgorithmName = keyof typeof algorithms

/** Returns whether a value is the name of a supported algorithm. The comparison is case-sensitive. */
export function isAlgorithmName(value: unknown): value is AlgorithmName {
  return typeof value === 'string' && Object.hasOwn(algorithms, value)
}

/** Returns the table entry of an algorithm, as the general type. */
export function algorithmOf(name: AlgorithmName): Algorithm {
  return algorithms[name]
}

/**
 * Returns whether an encoded Ed25519 point has an order of 8 or less. Such a key accepts forged signatures. `smallOrderPoints` has all
 * encodings of the eight points with such an order, including non-canonical ones. The sign bit is ignored.
 */
function isSmallOrder(x: Uint8Array): boolean {
  const masked = Buffer.from(x)
  masked[31] = (masked[31] ?? 0) & 0x7f
  return smallOrderPoints.has(masked.toString('hex'))
}

const smallOrderPoints: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])
