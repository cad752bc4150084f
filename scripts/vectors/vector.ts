import type { SigningKey } from '../../packages/verify/src/testing/issuer.ts'

/** What a verifier has to say about a token: that it is good, that it was, or that it never was. */
export type Verdict = 'accepted' | 'token_expired' | 'token_invalid'

/** One token with the verdict that every verifier must reach, in whatever language. `rules` are rows of RFC 8725, 7515 and 9068. */
export type Vector = { name: string; rules: string[]; token: string; verdict: Verdict; reason: string }

/** Keys of the issuer; `other` signs for somebody else and is in nobody's key set. */
export type VectorKeys = { first: SigningKey; second: SigningKey; edwards: SigningKey; other: SigningKey }

export const good = (name: string, rules: string[], token: string): Vector => ({
  name,
  rules,
  token,
  verdict: 'accepted',
  reason: '',
})
export const bad = (name: string, rules: string[], token: string, reason: string): Vector => ({
  name,
  rules,
  token,
  verdict: 'token_invalid',
  reason,
})
