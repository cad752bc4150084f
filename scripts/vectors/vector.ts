import type { SigningKey } from '../../packages/verify/src/testing/issuer.ts'

/** The result that a verifier must have for a token. `token_expired` means that the token was valid before. */
export type Verdict = 'accepted' | 'token_expired' | 'token_invalid'

/** One token, with the result that a verifier in any language must have. `rules` are ids of rules of RFC 8725, 7515 and 9068. */
export type Vector = { name: string; rules: string[]; token: string; verdict: Verdict; reason: string }

/** The keys of the issuer. `other` is not a key of the issuer, and no key set contains it. */
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
