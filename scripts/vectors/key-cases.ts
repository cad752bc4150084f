import { base64Url, issueToken, type Json } from '../../packages/verify/src/testing/issuer.ts'
import { bad, good, type Vector, type VectorKeys } from './vector.ts'

/** Returns the key set of the vectors. It has two valid keys, a key without `alg`, and several keys that a verifier must ignore. */
export function vectorKeySet({ first, second, edwards }: VectorKeys): unknown[] {
  const { publicJwk } = second
  const { alg: _, ...plain } = publicJwk
  return [
    ...[first, second, edwards].map((key) => key.publicJwk),
    // This key has the right curve, but another algorithm.
    { ...publicJwk, kid: 'key-odd', alg: 'ES384' },
    { ...plain, kid: 'key-plain' },
    { ...publicJwk, kid: 'key-enc', use: 'enc' },
    { ...publicJwk, kid: 'key-ops', key_ops: ['sign'] },
    { ...publicJwk, kid: 'key-ops-text', key_ops: 'verify' },
    { ...publicJwk, kid: 'key-off', x: base64Url(Buffer.alloc(32, 1)) },
    { ...publicJwk, kid: 'key-long', x: `AA${String(publicJwk.x)}` },
    { ...publicJwk, kid: 'key-curve', crv: 'P-384' },
    { ...publicJwk, kid: 'key-type', kty: 'OKP' },
    { ...publicJwk, kid: 'key-secret', k: 'AAAA' },
    { ...publicJwk, kid: 'key-twice' },
    { ...publicJwk, kid: 'key-twice' },
    { ...publicJwk, kid: 'k'.repeat(256) },
    { ...publicJwk, kid: '' },
    { ...publicJwk, kid: 7 },
    null,
    'key-1',
  ]
}

/** Returns tokens that are signed by the keys that must be ignored. */
export function publishedKeyCases({ second }: VectorKeys): Vector[] {
  const under = (kid: unknown) => issueToken(second, {}, { kid } as Json)
  const left = (name: string, kid: unknown, reason: string) => bad(name, ['JWT-07'], under(kid), reason)
  return [
    good('by a key that names no algorithm, of the right curve', ['JWT-04'], under('key-plain')),
    left('by a key for encryption', 'key-enc', 'use is not sig'),
    left('by a key for signing only', 'key-ops', 'key_ops has no verify'),
    left('by a key whose key_ops is text', 'key-ops-text', 'key_ops is no list'),
    left('by a key off its curve', 'key-off', 'no point of P-256'),
    left('by a key whose x is too long', 'key-long', 'x is 32 bytes'),
    left('by a key of another curve', 'key-curve', 'not P-256'),
    left('by a key of another type', 'key-type', 'not an EC key'),
    left('by a key published with a secret member', 'key-secret', 'a secret is public'),
    left('by a kid that occurs twice', 'key-twice', 'which key is meant cannot be known'),
    left('by a kid of 256 characters', 'k'.repeat(256), 'a kid has at most 255 characters'),
    left('by an empty kid', '', 'a kid has at least one character'),
    left('by a kid that is a number', 7, 'a kid is text'),
  ]
}
