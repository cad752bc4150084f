import type { Flights } from '../refresh.ts'
import { RecentNames } from './recent-names.ts'

/**
 * What one process remembers of the tokens of one backend. Everything that speaks to it for the same pages shares it, whatever its rules:
 * a refresh token is spent once, and what has ended has ended for all. Nothing in it lets anybody in.
 */
export type BackendMemory = {
  flights: Flights
  /** Refresh tokens that were signed out. */
  signedOut: RecentNames
  /** Sessions that were signed out. */
  ended: RecentNames
  /** Access tokens that the API has refused. */
  outdated: RecentNames
}

/** How many of each are remembered. */
const limit = 10_000

export function createBackendMemory(): BackendMemory {
  const names = () => new RecentNames(limit)
  return { flights: new Map(), signedOut: names(), ended: names(), outdated: names() }
}
