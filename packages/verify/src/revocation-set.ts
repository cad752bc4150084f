import type { Revocation } from '@sallyport/protocol'

/** A revocation without its number (`seq`) in the revocation log. Times are in milliseconds since 1970. */
export type RevocationEntry = Revocation extends infer Entry
  ? Entry extends Revocation
    ? Omit<Entry, 'seq'>
    : never
  : never

/** Tokens of a user or an organization with a lower version are refused. */
type LeastVersion = { minVersion: number; until: number }

/** The claims of a token by which it can be revoked. */
export type TokenHolder = {
  /** The session's id, `sid`. */
  sessionId: string
  /** The user's id, `sub`. */
  userId: string
  /**
   * The user's version at the time when the token was issued, `ver`. It increases when the user's roles change, and when all sessions, or
   * all other sessions, of the user are ended.
   */
  version: number
  /** The organization of the token, `org`, and its version at the time when the token was issued, `org_ver`. Missing in the token of a session. */
  organization?: { id: string; version: number } | undefined
  /** The `kid` of the key that signed the token. */
  keyId: string
}

/**
 * Says which sessions have ended and which tokens are stale. By default, a verifier reads this from the auth server's feed. The auth server
 * itself passes a {@link RevocationSet}, which it fills from its own log.
 */
export interface Revocations {
  /** Returns why this token is refused, or null if it is not. It is called for every token, so it must not do I/O. */
  findRefusal(holder: TokenHolder): 'session_ended' | 'token_stale' | null
  /** Whether the data is recent enough to be used. */
  isCurrent(): boolean
  /** Adds an entry. The entry is used until its `until`. */
  add(entry: RevocationEntry): void
  /** Starts to read from the source, if there is one. A second call has no effect. */
  start(): void
  /** Resolves when the data is current. Rejects if it does not become current in this attempt. */
  load(): Promise<void>
  /** Stops reading from the source. */
  close(): void
}

/**
 * The revocations of about the last hour, in memory: ended sessions by `sid`, the minimum token version of users by `sub` and of
 * organizations by `org`, and revoked keys by `kid`. After `until`, no valid token can match an entry, so the entry is removed. Each call of `add` removes some expired entries, and
 * twenty calls of {@link RevocationSet.dropEnded} remove all of them. `isCurrent` always returns true, so the code that adds the entries
 * must make sure that they are current.
 *
 * `until` must be later than the expiry of every token that matches the entry. To compute it, use the longest lifetime that tokens ever
 * had, not the current setting, and add some minutes for differences between clocks.
 *
 * @example
 * const revocations = new RevocationSet()
 * revocations.add({ sid: session.id, until: Date.now() + (longestTokenLifeSeconds + 300) * 1000 })
 */
export class RevocationSet implements Revocations {
  readonly #clock: () => number
  readonly #sessions = new Map<string, number>()
  readonly #users = new Map<string, LeastVersion>()
  readonly #organizations = new Map<string, LeastVersion>()
  readonly #keys = new Map<string, number>()
  readonly #sweeps = [
    sweepOf(this.#sessions, (until) => until),
    sweepOf(this.#users, ({ until }) => until),
    sweepOf(this.#organizations, ({ until }) => until),
    sweepOf(this.#keys, (until) => until),
  ]

  constructor(clock: () => number = Date.now) {
    this.#clock = clock
  }

  findRefusal({
    sessionId,
    userId,
    version,
    organization,
    keyId,
  }: TokenHolder): 'session_ended' | 'token_stale' | null {
    if (this.#sessions.has(sessionId)) return 'session_ended'
    // The session continues. After a refresh, the client has a token that is signed with another key.
    if (this.#keys.has(keyId)) return 'token_stale'
    if (isBelow(this.#users.get(userId), version)) return 'token_stale'
    return organization !== undefined &&
      isBelow(this.#organizations.get(organization.id), organization.version)
      ? 'token_stale'
      : null
  }

  add(entry: RevocationEntry): void {
    checkEntry(entry)
    const now = this.#clock()
    if (!(entry.until <= now)) {
      if ('sid' in entry) prolong(this.#sessions, entry.sid, entry.until)
      else if ('kid' in entry) prolong(this.#keys, entry.kid, entry.until)
      else if ('org' in entry) raise(this.#organizations, entry.org, entry)
      else raise(this.#users, entry.sub, entry)
    }
    for (const { sweep } of this.#sweeps) sweep(now, 4)
  }

  /**
   * Checks a twentieth of the entries, but at least a thousand, and removes those that have expired. Call it every few seconds. Otherwise,
   * expired entries are removed only when others are added.
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

  /** The number of entries, including expired entries that are not removed yet. */
  get size(): number {
    return this.#sessions.size + this.#users.size + this.#organizations.size + this.#keys.size
  }
}

/** Refuses an entry without a `sid`, `sub`, `org` or `kid`, or without an `until`. Such an entry would revoke nothing, and nobody would notice. */
function checkEntry(entry: RevocationEntry): void {
  const name =
    'sid' in entry ? entry.sid : 'kid' in entry ? entry.kid : 'org' in entry ? entry.org : entry.sub
  const isNamed = typeof name === 'string' && name !== ''
  const least = 'minVersion' in entry ? entry.minVersion : 'sub' in entry || 'org' in entry ? undefined : 0
  if (!isNamed || !Number.isFinite(entry.until) || !Number.isSafeInteger(least))
    throw new TypeError(
      'A revocation needs an id and an end in milliseconds: { sid, until }, { kid, until }, { sub, minVersion, until } or { org, minVersion, until }.',
    )
}

function isBelow(least: LeastVersion | undefined, version: number): boolean {
  return least !== undefined && version < least.minVersion
}

function raise(entries: Map<string, LeastVersion>, id: string, { minVersion, until }: LeastVersion): void {
  const known = entries.get(id)
  entries.set(id, {
    minVersion: Math.max(minVersion, known?.minVersion ?? 0),
    until: Math.max(until, known?.until ?? 0),
  })
}

function prolong(entries: Map<string, number>, id: string, until: number): void {
  entries.set(id, Math.max(until, entries.get(id) ?? 0))
}

/**
 * Returns a function that checks the next entries of a map at each call and removes expired ones. After the last entry, it begins again.
 */
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
