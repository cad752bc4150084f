import type { Revocation } from '@sallyport/protocol'

/** A revocation without its place in the log. Milliseconds. */
export type RevocationEntry = Revocation extends infer Entry
  ? Entry extends Revocation
    ? Omit<Entry, 'seq'>
    : never
  : never

/** Whose token it is, as far as revocation goes. */
export type TokenHolder = {
  /** The session's id, `sid`. */
  sessionId: string
  /** The user's id, `sub`. */
  userId: string
  /** The user's version when the token was made, `ver`: raised when roles change. */
  version: number
  /** The `kid` of the key that signed it. */
  keyId: string
}

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
  /** Stops following the source. */
  close(): void
}

/**
 * The revocations of the last hour or so, in memory: sessions by `sid`, the least version by `sub`, keys by `kid`. After `until` no
 * live token can match an entry, so it is dropped: some at each addition, and all of them in the course of twenty calls of
 * {@link RevocationSet.dropEnded}. Current by definition: whoever fills it knows.
 *
 * `until` must be later than the expiry of every token that the entry is about. Take the longest life that tokens ever had, not the
 * setting of today, and some minutes for clocks that differ.
 *
 * @example
 * const revocations = new RevocationSet()
 * revocations.add({ sid: session.id, until: Date.now() + (longestTokenLifeSeconds + 300) * 1000 })
 */
export class RevocationSet implements Revocations {
  readonly #clock: () => number
  readonly #sessions = new Map<string, number>()
  readonly #users = new Map<string, { minVersion: number; until: number }>()
  readonly #keys = new Map<string, number>()
  readonly #sweeps = [
    sweepOf(this.#sessions, (until) => until),
    sweepOf(this.#users, ({ until }) => until),
    sweepOf(this.#keys, (until) => until),
  ]

  constructor(clock: () => number = Date.now) {
    this.#clock = clock
  }

  findRefusal({ sessionId, userId, version, keyId }: TokenHolder): 'session_ended' | 'token_stale' | null {
    if (this.#sessions.has(sessionId)) return 'session_ended'
    // Its session is none the worse for it: a refresh brings a token of another key.
    if (this.#keys.has(keyId)) return 'token_stale'
    const user = this.#users.get(userId)
    return user !== undefined && version < user.minVersion ? 'token_stale' : null
  }

  add(entry: RevocationEntry): void {
    checkEntry(entry)
    const now = this.#clock()
    if (!(entry.until <= now)) {
      if ('sid' in entry) prolong(this.#sessions, entry.sid, entry.until)
      else if ('kid' in entry) prolong(this.#keys, entry.kid, entry.until)
      else {
        const known = this.#users.get(entry.sub)
        this.#users.set(entry.sub, {
          minVersion: Math.max(entry.minVersion, known?.minVersion ?? 0),
          until: Math.max(entry.until, known?.until ?? 0),
        })
      }
    }
    for (const { sweep } of this.#sweeps) sweep(now, 4)
  }

  /**
   * Looks at a twentieth of the entries, at least a thousand, and drops those that have ended. To be called every few seconds, by whoever
   * fills the set: without it, ended entries stay until others come in.
   */
  dropEnded(): void {
    const now = this.#clock()
    for (const { entries, sweep } of this.#sweeps) sweep(now, Math.max(1000, Math.ceil(entries.size / 20)))
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
    return this.#sessions.size + this.#users.size + this.#keys.size
  }
}

/** An entry without a name or an end would revoke nobody, and nobody would learn of it. */
function checkEntry(entry: RevocationEntry): void {
  const name = 'sid' in entry ? entry.sid : 'kid' in entry ? entry.kid : entry.sub
  const isNamed = typeof name === 'string' && name !== ''
  const least = 'minVersion' in entry ? entry.minVersion : 'sub' in entry ? undefined : 0
  if (!isNamed || !Number.isFinite(entry.until) || !Number.isSafeInteger(least))
    throw new TypeError(
      'A revocation needs a name and an end: { sid, until }, { kid, until } or { sub, minVersion, until }, milliseconds.',
    )
}

function prolong(entries: Map<string, number>, id: string, until: number): void {
  entries.set(id, Math.max(until, entries.get(id) ?? 0))
}

/** Looks at the next entries of a map at each call, around and around, and drops those that have ended. */
function sweepOf<T>(
  entries: Map<string, T>,
  untilOf: (entry: T) => number,
): { entries: ReadonlyMap<string, T>; sweep: (now: number, steps: number) => void } {
  let walk = entries.entries()
  return {
    entries,
    sweep(now, steps) {
      for (let step = 0; step < steps; step += 1) {
        const next = walk.next()
        if (next.done) {
          walk = entries.entries()
          return
        }
        if (untilOf(next.value[1]) <= now) entries.delete(next.value[0])
      }
    },
  }
}
