import type { AlgorithmName } from './algorithms.ts'
import { AuthError } from './auth-error.ts'
import { readJsonAnswer, UnexpectedAnswer } from './json-answer.ts'
import { type KeySet, readKeySet } from './key-set.ts'
import type { VerificationKey } from './verification-key.ts'

/** Settings of {@link RemoteKeySet}. */
export type RemoteKeySetOptions = {
  url: string
  algorithms: readonly AlgorithmName[]
  /** A set older than this is fetched again before it is relied on. A shorter `Cache-Control: max-age` is honoured. */
  maxAgeSeconds: number
  /** How old the set may get while the issuer does not answer. Then verification fails closed, with a 503. */
  maxStaleSeconds: number
  /** The least time between two fetches that unknown key ids can bring about. */
  cooldownSeconds: number
  timeoutSeconds: number
  fetch: typeof fetch
  /** Milliseconds. */
  clock: () => number
  /** Tells the operator what only they can mend, such as a page where the keys should be. */
  warn: (message: string) => void
}

/** While there is no key at all, waiting for the cool-down would only prolong an outage. */
const retrySeconds = 1

/**
 * The issuer's JWKS, fetched when it is needed and kept. One fetch at a time, however many tokens wait for it; unknown key
 * ids cannot bring about more than one in a cool-down.
 *
 * An answer that is late, redirected, too large, not 200, not JSON by its media type, or not a key set changes nothing, and the keys at
 * hand go on working up to `maxStaleSeconds`. A key set without a single usable key withdraws the keys at hand: then nothing can be said
 * about any token until the issuer has keys again.
 */
export class RemoteKeySet implements KeySet {
  readonly #options: RemoteKeySetOptions
  #keys = new Map<string, { jwk: string; key: VerificationKey }>()
  #fetchedAt = Number.NEGATIVE_INFINITY
  #maxAgeMs = 0
  #attemptedAt = Number.NEGATIVE_INFINITY
  #failed = false
  #underway: Promise<void> | null = null
  #warned = ''

  constructor(options: RemoteKeySetOptions) {
    this.#options = options
  }

  find(kid: string): VerificationKey | null | Promise<VerificationKey | null> {
    const age = this.#age(this.#fetchedAt)
    const key = this.#keys.get(kid)?.key
    if (key !== undefined && age < this.#maxAgeMs) {
      // Fetching ahead of time, in the background, so that nobody has to wait when the set gets too old.
      if (age > this.#maxAgeMs * 0.8 && this.#mayFetch(this.#options.cooldownSeconds)) void this.#refresh()
      return key
    }
    if (key !== undefined && this.#failed && age < this.#options.maxStaleSeconds * 1000) {
      if (this.#mayFetch(this.#options.cooldownSeconds)) void this.#refresh()
      return key
    }
    return this.#findAfterFetch(kid)
  }

  async load(): Promise<void> {
    if (this.#age(this.#fetchedAt) >= this.#maxAgeMs) await this.#refresh()
    if (!this.#isUsable()) throw unavailable()
  }

  async #findAfterFetch(kid: string): Promise<VerificationKey | null> {
    const wait = this.#isUsable() ? this.#options.cooldownSeconds : retrySeconds
    if (this.#underway !== null || this.#mayFetch(wait)) await this.#refresh()
    if (!this.#isUsable()) throw unavailable()
    const key = this.#keys.get(kid)?.key
    // The issuer may have published this key just now: while it cannot be asked, the token is neither good nor bad.
    if (key === undefined && this.#failed) throw unavailable()
    return key ?? null
  }

  #isUsable(): boolean {
    return this.#age(this.#fetchedAt) < Math.max(this.#options.maxStaleSeconds * 1000, this.#maxAgeMs)
  }

  #mayFetch(waitSeconds: number): boolean {
    return this.#underway === null && this.#age(this.#attemptedAt) >= waitSeconds * 1000
  }

  /** A clock that was set back makes an age that means nothing: count it as old. */
  #age(since: number): number {
    const age = this.#options.clock() - since
    return age >= 0 ? age : Number.POSITIVE_INFINITY
  }

  /** Single flight. Never rejects: what matters afterwards is what is known then. */
  #refresh(): Promise<void> {
    this.#underway ??= this.#fetch()
      .then(
        () => {
          this.#failed = false
        },
        (error: unknown) => {
          this.#failed = true
          this.#warnOf(error)
        },
      )
      .finally(() => {
        this.#underway = null
      })
    return this.#underway
  }

  async #fetch(): Promise<void> {
    const { url, algorithms, clock, timeoutSeconds, maxAgeSeconds, cooldownSeconds } = this.#options
    this.#attemptedAt = clock()
    const startedAt = this.#attemptedAt
    const response = await this.#options.fetch(url, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      redirect: 'error',
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
    })
    const keys = readKeySet(await readJsonAnswer(response), algorithms, this.#keys)
    if (keys === null) throw new Error('The answer is no key set.')
    if (keys.size === 0) {
      this.#keys = keys
      this.#fetchedAt = Number.NEGATIVE_INFINITY
      throw new Error('The key set holds no key that can be used.')
    }
    this.#keys = keys
    this.#fetchedAt = startedAt
    this.#maxAgeMs =
      1000 * Math.min(maxAgeSeconds, Math.max(cooldownSeconds, maxAgeOf(response) ?? maxAgeSeconds))
  }

  /** Says once what an operator has to mend. An issuer that is down or busy is none of these: it comes back. */
  #warnOf(error: unknown): void {
    if (!(error instanceof UnexpectedAnswer) || error.status >= 500 || error.message === this.#warned) return
    this.#warned = error.message
    this.#options.warn(
      `Sallyport: the address of the key set ${error.message}. Check that issuer and jwksUrl are right. Keys that are known are used ` +
        `for at most ${this.#options.maxStaleSeconds} seconds more; then every token is answered with 503.`,
    )
  }
}

function maxAgeOf(response: Response): number | null {
  const [, seconds] =
    /(?:^|[\s,])max-age=(\d{1,9})(?:[\s,]|$)/i.exec(response.headers.get('cache-control') ?? '') ?? []
  return seconds === undefined ? null : Number(seconds)
}

function unavailable(): AuthError {
  return new AuthError('unavailable', 'the key set cannot be fetched')
}
