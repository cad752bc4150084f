import type { Principal } from '@sallyport/protocol'

/** Everything that a page can show of a principal, to be compared: a renewed token changes its times and nothing else. */
export function whoIs(principal: Principal | null): string
export function whoIs(principal: Principal | null | undefined): string | undefined
export function whoIs(principal: Principal | null | undefined): string | undefined {
  return JSON.stringify(principal && { ...principal, issuedAt: 0, expiresAt: 0 })
}
