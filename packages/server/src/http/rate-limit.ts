import type { Limit } from '../services/context.ts'

/** Sets the limits of the throttles that applied (draft-ietf-httpapi-ratelimit-headers-10): `q` tries in `w` seconds, `r` left, reset in `t` seconds. */
export function setLimits(headers: Headers, limits: readonly Limit[]): void {
  if (limits.length === 0) return
  const policies = limits.map(({ name, tries, windowSeconds }) => `"${name}";q=${tries};w=${windowSeconds}`)
  const left = limits.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
  headers.set('ratelimit-policy', policies.join(', '))
  headers.set('ratelimit', left.join(', '))
}
