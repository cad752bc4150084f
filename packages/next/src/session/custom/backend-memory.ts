import { createHash } from 'node:crypto'
import type { Flights } from '../refresh.ts'

/**
 * The data that one process stores about the tokens of one backend. All configs that have the same backend and the same origin of pages
 * share this data. So a refresh token is used only once, and a session that has ended is refused everywhere in the process. The data gives
 * nobody access.
 */
export type BackendMemory = {
  flights: Flights
  /** Refresh tokens that were used for a sign-out. */
  signedOut: RecentNames
  /** Sessions that were signed out. */
  ended: RecentNames
  /** Access tokens that the API has refused. */
  outdated: RecentNames
}

/** The maximum number of entries in each set. An entry is the id of a session or the hash of a token. */
const limit = 10_000

export function createBackendMemory(): BackendMemory {
  const names = () => new RecentNames(limit)
  return { flights: new Map(), signedOut: names(), ended: names(), outdated: names() }
}

/** Returns a hash of a token. The hash is stored instead of the token. */
export function nameOfToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}

/** A set of ids and hashes with a maximum size. When it is full, the oldest entry is removed. */
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
