import { createHash } from 'node:crypto'
import type { Flights } from '../refresh.ts'

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

/** A token by a name that gives nothing away. */
export function nameOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** The newest names, in bounded room. */
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
