import type { Revocation } from '@sallyport/protocol'

/** A revocation without its number in the log. Times in milliseconds. */
export type RevocationEntry = Revocation extends infer Entry
  ? Entry extends Revocation
    ? Omit<Entry, 'seq'>
    : never
  : never

/** The claims of a token that revocation uses. */
export type TokenHolder = {
  /** The session's id, `sid`. */
  sessionId: string
  /** The user's id, `sub`. */
  userId: string
  /** The user's version when the token was issued, `ver`. It increases when roles change. */
  version: number
  /** The `kid` of the key that signed it. */
  keyId: string
}

/**
 * A source of ended sessions and stale tokens for a verifier. The default follows the auth server's feed; the auth server passes a
 * {@link RevocationSet} that it fills from its own log.
 */
export interface Revocations {
  /** Returns why this token is refused, or null. Called at every verification, so without I/O. */
  findRefusal(holder: TokenHolder): 'session_ended' | 'token_stale' | null
  /** Whether the data is recent enough to be used. */
  isCurrent(): boolean
  /** Adds an entry. A revocation stays in force until its end. */
  add(entry: RevocationEntry): void
  /** Starts following the source, if there is one. Calling it again has no effect. */
  start(): void
  /** Resolves once the set is current. Rejects if this fails now. */
  load(): Promise<void>
  /** Stops following the source. */
  close(): void
}

/**
 * The revocations of about the last hour, in memory: sessions by `sid`, the minimum version by `sub`, keys by `kid`. After `until`, no valid
 * token can match an entry, so it is dropped: some at each addition, and all within twenty calls of {@link RevocationSet.dropEnded}. Always
 * counts as current: the code that fills it must know.
 *
 * `until` must be later than the expiry of every token that the entry concerns. Use the longest lifetime that tokens ever had, not the current
 * setting, plus some minutes for clocks that differ.
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
    // The session is not affected: a refresh gets a token signed by another key.
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
   * Checks a twentieth of the entries, at least a thousand, and drops those that have expired. Call it every few seconds; otherwise expired
   * entries stay until others are added.
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

  /** The number of entries, including expired ones that are not dropped yet. */
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

/** Returns a function that checks the next entries of a map at each call, cyclically, and drops those that have expired. */
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
