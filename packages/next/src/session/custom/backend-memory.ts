import { createHash } from 'node:crypto'
import type { Flights } from '../refresh.ts'

/**
 * What one process remembers of the tokens of one backend. All configs for the same backend and pages share it: a refresh token is
 * spent once, and an ended session has ended for all. Nothing in it grants access.
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

/** Returns a hash of a token, as its name in memory. */
export function nameOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A set of names with a limited size, which forgets the oldest. */
export class RecentNames {
  readonly #limit: number
  readonly #names = new Set<string>()

  constructor(limit: number) {
    this.#limit = limit
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  add(name: string): void {
    this.#names.delete(name)
    this.#names.add(name)
    const [oldest] = this.#names
    if (this.#names.size > this.#limit && oldest !== undefined) this.#names.delete(oldest)
  }

  delete(name: string): void {
    this.#names.delete(name)
  }
}
