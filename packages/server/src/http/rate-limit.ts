import type { Limit } from '../services/context.ts'

/** What of the throttles applied, and what is left (draft-ietf-httpapi-ratelimit-headers-10): `q` tries in `w` seconds, `r` left, `t` seconds to go. */
export function setLimits(headers: Headers, limits: readonly Limit[]): void {
  if (limits.length === 0) return
  const policies = limits.map(({ name, tries, windowSeconds }) => `"${name}";q=${tries};w=${windowSeconds}`)
  const left = limits.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
  headers.set('ratelimit-policy', policies.join(', '))
  headers.set('ratelimit', left.join(', '))
}
