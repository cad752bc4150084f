import { setTimeout as sleep } from 'node:timers/promises'
import { heartbeatSeconds, revocationSchema, revocationSnapshotSchema } from '@sallyport/protocol'
import { createParser, type EventSourceMessage, type EventSourceParser } from 'eventsource-parser'
import { AuthError } from './auth-error.ts'
import { UnexpectedAnswer } from './json-answer.ts'
import type { RevocationEntry, RevocationSet, Revocations, TokenHolder } from './revocation-set.ts'

/** Settings of {@link RevocationFeed}. */
export type RevocationFeedOptions = {
  url: string
  credential: string
  maxStalenessSeconds: number
  set: RevocationSet
  fetch: typeof fetch
  /** Milliseconds. */
  clock: () => number
  /** Live entries that are kept. With more, the feed is not current. Default 1,000,000. */
  maximumEntries?: number
  /** Waits before the next attempt. Default: a timer that keeps no process alive. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Tells the operator what only they can mend, such as a credential that is refused. */
  warn: (message: string) => void
}

/** Some 10,000 revocations in one event; the server sends a snapshot in parts of 500. */
const maximumEventLength = 1024 * 1024

/** More than any installation has within the life of a token. Some 150 MB; what comes on top is no honest feed. */
const maximumEntries = 1_000_000

/** Milliseconds without a line after which the connection is closed: two heartbeats may be late. */
const silenceMs = heartbeatSeconds * 3 * 1000

const firstDelayMs = 250
const longestDelayMs = 5000

/** Milliseconds that `load` waits for the first snapshot. */
const loadTimeoutMs = 5000

/**
 * Follows the auth server's revocation feed (docs/any-backend.md): a snapshot, then events; after a cut it asks for what it
 * missed by `Last-Event-ID`, with growing, jittered delays. It is current only while lines keep coming in, and not before
 * the first snapshot. An event that cannot be read ends the connection and asks for a new snapshot, because what it
 * revoked is not known. A snapshot adds to what is known and takes nothing away: it may come from a server that lags.
 *
 * While connected it holds one open request, which keeps a Node process alive until {@link RevocationFeed.close}.
 */
export class RevocationFeed implements Revocations {
  readonly #options: RevocationFeedOptions
  readonly #maxStalenessMs: number
  #running = false
  #closed = false
  #connection: AbortController | null = null
  #lastEventId: string | null = null
  #hasSnapshot = false
  #lastSignAt = Number.NEGATIVE_INFINITY
  readonly #waiters = new Set<() => void>()
  #warned = ''

  constructor(options: RevocationFeedOptions) {
    this.#options = options
    this.#maxStalenessMs = options.maxStalenessSeconds * 1000
  }

  findRefusal(holder: TokenHolder): 'session_ended' | 'token_stale' | null {
    return this.#options.set.findRefusal(holder)
  }

  add(entry: RevocationEntry): void {
    this.#options.set.add(entry)
  }

  isCurrent(): boolean {
    // A clock that was set back makes a negative age, which means nothing: not current until the next line.
    const age = this.#options.clock() - this.#lastSignAt
    return age >= 0 && age <= this.#maxStalenessMs
  }

  start(): void {
    if (this.#running || this.#closed) return
    this.#running = true
    void this.#run()
  }

  async load(): Promise<void> {
    this.start()
    if (this.isCurrent()) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, loadTimeoutMs)
    this.#waiters.add(resolve)
    await promise
    this.#waiters.delete(resolve)
    clearTimeout(timer)
    if (!this.isCurrent()) throw new AuthError('unavailable', 'the revocation feed does not answer')
  }

  close(): void {
    this.#closed = true
    this.#connection?.abort()
    this.#release()
  }

  async #run(): Promise<void> {
    let shortLives = 0
    while (!this.#closed) {
      const connection = new AbortController()
      this.#connection = connection
      const startedAt = this.#options.clock()
      await this.#follow(connection).catch((error: unknown) => this.#warnOf(error))
      connection.abort()
      if (this.#closed) return
      // A connection that is closed before its first heartbeat counts like one that failed.
      shortLives = this.#options.clock() - startedAt < heartbeatSeconds * 1000 ? shortLives + 1 : 0
      const delayMs = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(Math.max(shortLives - 1, 0), 10))
      this.#connection = new AbortController()
      const { signal } = this.#connection
      const wait = this.#options.wait ?? waitUnreferenced
      await wait(delayMs * (0.5 + Math.random() / 2), signal).catch(() => {})
    }
  }

  async #follow(connection: AbortController): Promise<void> {
    const watchdog = setTimeout(() => connection.abort(), silenceMs)
    watchdog.unref()
    try {
      const response = await this.#connect(connection.signal)
      const parser = createParser({
        maxBufferSize: maximumEventLength,
        onEvent: (event) => this.#take(event),
        // Unknown fields are ignored, as the standard requires.
        onError: (error) => {
          if (error.type === 'max-buffer-size-exceeded') throw error
        },
      })
      const decoder = new TextDecoder('utf-8', { fatal: true })
      for await (const chunk of response.body ?? []) {
        if (!this.#read(parser, decoder, chunk)) continue
        watchdog.refresh()
        if (!this.#hasSnapshot) continue
        this.#lastSignAt = this.#options.clock()
        this.#options.set.dropEnded()
        this.#release()
      }
    } finally {
      clearTimeout(watchdog)
    }
  }

  async #connect(signal: AbortSignal): Promise<Response> {
    const { url, credential } = this.#options
    const response = await this.#options.fetch(url, {
      headers: {
        accept: 'text/event-stream',
        authorization: `Bearer ${credential}`,
        ...(this.#lastEventId !== null && { 'last-event-id': this.#lastEventId }),
      },
      redirect: 'error',
      cache: 'no-store',
      signal,
    })
    const type = response.headers.get('content-type') ?? ''
    if (response.status === 200 && /^text\/event-stream(?:\s*;|$)/i.test(type)) return response
    await response.body?.cancel()
    throw new UnexpectedAnswer(response, 'an event stream')
  }

  /**
   * Reads a piece of the stream. Returns whether a line ended in it, which is a sign of life even if it is a comment. What cannot be read
   * may have revoked anything: the connection ends, and the next one asks for a new snapshot.
   */
  #read(parser: EventSourceParser, decoder: TextDecoder, chunk: Uint8Array): boolean {
    try {
      const text = decoder.decode(chunk, { stream: true })
      parser.feed(text)
      return /[\n\r]/.test(text)
    } catch (error) {
      this.#lastEventId = null
      this.#hasSnapshot = false
      this.#lastSignAt = Number.NEGATIVE_INFINITY
      throw error
    }
  }

  #take({ event, data, id }: EventSourceMessage): void {
    if (event !== 'snapshot' && event !== 'revocations' && event !== 'revocation') return
    const value: unknown = JSON.parse(data)
    const entries =
      event === 'revocation'
        ? [revocationSchema.parse(value)]
        : revocationSnapshotSchema.parse(value).revocations
    for (const entry of entries) this.#options.set.add(entry)
    // Entries are never dropped before they expire: that would accept revoked tokens.
    if (this.#options.set.size > (this.#options.maximumEntries ?? maximumEntries)) throw new TooManyEntries()
    if (event === 'snapshot') this.#hasSnapshot = true
    if (id !== undefined) this.#lastEventId = id
  }

  #release(): void {
    for (const resolve of this.#waiters) resolve()
  }

  /** Warns once of an error that the operator must fix. Not for a server that is down or busy, which recovers. */
  #warnOf(error: unknown): void {
    const isTheirs =
      error instanceof TooManyEntries || (error instanceof UnexpectedAnswer && error.status < 500)
    if (!isTheirs || error.message === this.#warned) return
    this.#warned = error.message
    this.#options.warn(
      `Sallyport: the revocation feed ${error.message}. Check that feed.url is the auth server's, and that feed.credential is the one ` +
        'it expects (SALLYPORT_VERIFIER_SECRET). Until then revocations are learnt by whenStale alone.',
    )
  }
}

function waitUnreferenced(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { ref: false, signal })
}

class TooManyEntries extends Error {
  constructor() {
    super('has more live entries than can be kept')
  }
}
