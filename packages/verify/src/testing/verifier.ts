import type { KeySet } from '../key-set.ts'
import type { VerifierOptions } from '../options.ts'
import { importVerificationKey, type VerificationKey } from '../verification-key.ts'
import { createVerifier, type Verifier } from '../verifier.ts'
import { audience, issuer, now, type SigningKey } from './issuer.ts'

/** A key set in memory. It counts how many signatures are checked. */
export type CountingKeySet = KeySet & { signatures: number; lookups: string[] }

export function countingKeySet(...keys: SigningKey[]): CountingKeySet {
  const found = new Map<string, VerificationKey>()
  const keySet: CountingKeySet = {
    signatures: 0,
    lookups: [],
    find(kid) {
      keySet.lookups.push(kid)
      return found.get(kid) ?? null
    },
    load: () => Promise.resolve(),
  }
  for (const { publicJwk } of keys) {
    const key = importVerificationKey(publicJwk)
    if (key === null) throw new Error('The key of a test cannot be imported.')
    found.set(key.kid, {
      ...key,
      verify(data, signature) {
        keySet.signatures += 1
        return key.verify(data, signature)
      },
    })
  }
  return keySet
}

/** Creates a verifier that accepts the given keys. Its clock does not move. Every fetch fails. */
export function verifierOf(keySet: KeySet, options: Partial<VerifierOptions> = {}): Verifier {
  return createVerifier({
    issuer,
    audience,
    keySet,
    clock: () => now,
    fetch: (input) => Promise.reject(new Error(`A verifier must not fetch ${input}.`)),
    ...options,
  })
}
