import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { type AlgorithmName, algorithmOf, algorithms, isAlgorithmName } from './algorithms.ts'
import { decodeBase64Url } from './compact-token.ts'

/** A public key with one id and one algorithm. It cannot be used with another algorithm (RFC 8725 section 3.1). */
export interface VerificationKey {
  /** The id of the key. */
  readonly kid: string
  /** The only algorithm with which the key can be used. */
  readonly algorithm: AlgorithmName
  /** Returns whether the signature is valid for the data. Returns false for a malformed signature. Never throws. */
  verify(data: Uint8Array, signature: Uint8Array): boolean
}

/** The members of a JWK that contain a private or symmetric key (RFC 7518 section 6). */
const secretMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

/**
 * Imports a JWK. Returns null if signatures of this key cannot be trusted. This is the case if the JWK has no `kid`, contains the private
 * key, or is for another use (`use`, `key_ops`), or if its algorithm is unsupported or not allowed. It is also the case if the key is not
 * safe: if it has a point that is not on the curve, a small-order point or a weak modulus.
 *
 * Embedded certificates (`x5c`, `x5u`) are ignored. A key is trusted only because it comes from the URL of the key set.
 *
 * @example
 * const key = importVerificationKey(jwk)
 * if (key === null) throw new Error('Not a public key of a supported algorithm.')
 */
export function importVerificationKey(
  jwk: unknown,
  allowed: readonly AlgorithmName[] = Object.keys(algorithms) as AlgorithmName[],
): VerificationKey | null {
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return null
  const members = jwk as Readonly<Record<string, unknown>>
  const { kid, use, key_ops: operations } = members
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > 255) return null
  if (secretMembers.some((name) => Object.hasOwn(members, name))) return null
  if (use !== undefined && use !== 'sig') return null
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return null
  const name = algorithmNameOf(members)
  if (name === null || !allowed.includes(name)) return null
  const key = importPublicKey(members, name)
  if (key === null) return null
  const algorithm = algorithmOf(name)
  const signatureLength = algorithm.signatureLength(key)
  return {
    kid,
    algorithm: name,
    verify: (data, signature) =>
      signature.length === signatureLength && algorithm.verify(data, key, signature),
  }
}

/** Returns the `alg` of a JWK. If it has none, returns the default algorithm of its key type. */
function algorithmNameOf(jwk: Readonly<Record<string, unknown>>): AlgorithmName | null {
  if (jwk.alg !== undefined) return isAlgorithmName(jwk.alg) ? jwk.alg : null
  const names = Object.keys(algorithms) as AlgorithmName[]
  return (
    names.find((name) => {
      const { keyType, curve } = algorithmOf(name)
      return jwk.kty === keyType && jwk.crv === curve
    }) ?? null
  )
}

function importPublicKey(jwk: Readonly<Record<string, unknown>>, name: AlgorithmName): KeyObject | null {
  const algorithm = algorithmOf(name)
  if (jwk.kty !== algorithm.keyType || jwk.crv !== algorithm.curve) return null
  const bytes: Record<string, Uint8Array> = {}
  const clean: JsonWebKey = { kty: algorithm.keyType, ...(algorithm.curve && { crv: algorithm.curve }) }
  for (const [member, length] of Object.entries(algorithm.members)) {
    const text = jwk[member]
    const value = typeof text === 'string' ? decodeBase64Url(text) : null
    if (value === null || (length !== null && value.length !== length)) return null
    bytes[member] = value
    clean[member] = text
  }
  try {
    const key = createPublicKey({ key: clean, format: 'jwk' })
    return algorithm.accepts(key, bytes) ? key : null
  } catch {
    return null
  }
}
