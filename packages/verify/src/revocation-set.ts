import type { Revocation } from '@sallyport/protocol'

/** A revocation without its place in the log. Milliseconds. */
export type RevocationEntry = Revocation extends infer Entry
  ? Entry extends Revocation
    ? Omit<Entry, 'seq'>
    : never
  : never

/** Whose token it is, as far as revocation goes. */
export type TokenHolder = { sessionId: string; userId: string; version: number }

/**
 * What a verifier knows about ended sessions and outdated tokens. The default follows the auth server's feed; the auth
 * server itself passes a {@link RevocationSet} that it fills from its own log.
 */
export interface Revocations {
  /** Why this token no longer counts, or null. Asked at every verification: one look-up, no I/O. */
  findRefusal(holder: TokenHolder): 'session_ended' | 'token_stale' | null
  /** Whether that answer is recent enough to be relied on. */
  isCurrent(): boolean
  /** Takes one entry in. What is revoked stays revoked until its end. */
  add(entry: RevocationEntry): void
  /** Starts following the source, if there is one. Cheap when it runs already. */
  start(): void
  /** Resolves once the set is current. Rejects if that cannot be reached right now. */
  load(): Promise<void>
  close(): void
}

/**
 * The revocations of the last few minutes, in memory: sessions by `sid`, and the least version by `sub`. After `until` no
 * live token can match an entry, so it is dropped, a few at each addition. Current by definition: whoever fills it knows.
 *
 * @example
 * const revocations = new RevocationSet()
 * revocations.add({ sid: session.id, until: Date.now() + accessTokenTtlSeconds * 1000 })
 */
export class RevocationSet implements Revocations {
  readonly #clock: () => number
  readonly #sessions = new Map<string, { until: number }>()
  readonly #users = new Map<string, { minVersion: number; until: number }>()
  #sweeps = [sweepOf(this.#sessions), sweepOf(this.#users)]

  constructor(clock: () => number = Date.now) {
    this.#clock = clock
  }

  findRefusal({ sessionId, userId, version }: TokenHolder): 'session_ended' | 'token_stale' | null {
    if (this.#sessions.has(sessionId)) return 'session_ended'
    const user = this.#users.get(userId)
    return user !== undefined && version < user.minVersion ? 'token_stale' : null
  }

  add(entry: RevocationEntry): void {
    const now = this.#clock()
    if (entry.until > now) {
      if ('sid' in entry) {
        const until = Math.max(entry.until, this.#sessions.get(entry.sid)?.until ?? 0)
        this.#sessions.set(entry.sid, { until })
      } else {
        const known = this.#users.get(entry.sub)
        this.#users.set(entry.sub, {
          minVersion: Math.max(entry.minVersion, known?.minVersion ?? 0),
          until: Math.max(entry.until, known?.until ?? 0),
        })
      }
    }
    for (const sweep of this.#sweeps) sweep(now)
  }

  isCurrent(): boolean {
    return true
  }

  start(): void {}

  load(): Promise<void> {
    return Promise.resolve()
  }

  close(): void {}

  /** How many entries are held; some may have ended and wait to be dropped. */
  get size(): number {
    return this.#sessions.size + this.#users.size
  }
}

/** Looks at the next few entries of a map at each call, around and around, and drops those that have ended. */
function sweepOf(entries: Map<string, { until: number }>): (now: number) => void {
  let walk = entries.entries()
  return (now) => {
    for (let step = 0; step < 4; step += 1) {
      const next = walk.next()
      if (next.done) {
        walk = entries.entries()
        return
      }
      if (next.value[1].until <= now) entries.delete(next.value[0])
    }
  }
}
