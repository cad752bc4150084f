import type { Limit } from '../services/context.ts'

/**
 * Adds headers with the limits of the throttles that have counted the request (draft-ietf-httpapi-ratelimit-headers-10). `q` is the number
 * of tries that are allowed in a window of `w` seconds, `r` is the number of tries that are left, and `t` is the number of seconds until
 * the window ends.
 */
export function setLimits(headers: Headers, limits: readonly Limit[]): void {
  if (limits.length === 0) return
  const policies = limits.map(({ name, tries, windowSeconds }) => `"${name}";q=${tries};w=${windowSeconds}`)
  const left = limits.map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
  headers.set('ratelimit-policy', policies.join(', '))
  headers.set('ratelimit', left.join(', '))
}
