import type { AlgorithmName } from './algorithms.ts'
import { AuthError } from './auth-error.ts'
import { readJsonAnswer, UnexpectedAnswer } from './json-answer.ts'
import { type KeySet, readKeySet } from './key-set.ts'
import type { VerificationKey } from './verification-key.ts'

/** Settings of {@link RemoteKeySet}. */
export type RemoteKeySetOptions = {
  url: string
  algorithms: readonly AlgorithmName[]
  /**
   * The maximum age of the set, in seconds. An older set is fetched again before it is used. A shorter `Cache-Control: max-age` replaces
   * this value.
   */
  maxAgeSeconds: number
  /** How long the set is used while the issuer does not answer, in seconds. Afterwards, every token is refused with 503. */
  maxStaleSeconds: number
  /** The minimum time between two fetches that are caused by unknown key ids, in seconds. */
  cooldownSeconds: number
  timeoutSeconds: number
  fetch: typeof fetch
  /** Returns milliseconds since 1970. */
  clock: () => number
  /** Warns the operator about errors that only the operator can fix, such as an HTML page at the URL of the keys. */
  warn: (message: string) => void
}

/** The minimum time between two fetches while there are no keys, in seconds. The longer `cooldownSeconds` would prolong an outage. */
const retrySeconds = 1

/**
 * The issuer's JWKS. It is fetched when it is needed, and then cached. There is only one fetch at a time, even if many requests wait for
 * it. Unknown key ids cause at most one fetch per `cooldownSeconds`.
 *
 * A response is ignored if it is late, a redirect, too large, not 200, not JSON by its media type, or not a key set. Then the cached keys
 * are used for up to `maxStaleSeconds`. If a valid key set contains no usable key, the cached keys are removed. Then no token can be
 * checked until the issuer publishes keys again.
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
      // Before the set is too old, fetch it in the background, so that no request must wait.
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
    // The issuer may have published this key a moment ago. If the last fetch failed, it is unknown whether the token is valid.
    if (key === undefined && this.#failed) throw unavailable()
    return key ?? null
  }

  #isUsable(): boolean {
    return this.#age(this.#fetchedAt) < Math.max(this.#options.maxStaleSeconds * 1000, this.#maxAgeMs)
  }

  #mayFetch(waitSeconds: number): boolean {
    return this.#underway === null && this.#age(this.#attemptedAt) >= waitSeconds * 1000
  }

  /** Returns the milliseconds since a time. If the clock was set back since then, returns infinity, which counts as old. */
  #age(since: number): number {
    const age = this.#options.clock() - since
    return age >= 0 ? age : Number.POSITIVE_INFINITY
  }

  /** Fetches the set, with one fetch at a time. Never rejects. Afterwards, callers use the keys that are cached. */
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
    if (keys === null) throw new Error('The response is not a key set.')
    if (keys.size === 0) {
      this.#keys = keys
      this.#fetchedAt = Number.NEGATIVE_INFINITY
      throw new Error('The key set has no usable key.')
    }
    this.#keys = keys
    this.#fetchedAt = startedAt
    this.#maxAgeMs =
      1000 * Math.min(maxAgeSeconds, Math.max(cooldownSeconds, maxAgeOf(response) ?? maxAgeSeconds))
  }

  /** Warns about an error that the operator must fix, once for the same error. Does not warn if the issuer is only down or busy. */
  #warnOf(error: unknown): void {
    if (!(error instanceof UnexpectedAnswer) || error.status >= 500 || error.message === this.#warned) return
    this.#warned = error.message
    this.#options.warn(
      `Sallyport: the address of the key set ${error.message}. Check that issuer and jwksUrl are right. The cached keys are used ` +
        `for at most ${this.#options.maxStaleSeconds} more seconds. After that, every request with a token gets 503.`,
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
