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
  /** Returns milliseconds since 1970. */
  clock: () => number
  /** The maximum number of entries in memory. If there are more, the feed counts as not current. Default 1,000,000. */
  maximumEntries?: number
  /** Waits before the next attempt to connect. Default: a timer that does not keep the process running. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>
  /** Warns the operator about errors that only the operator can fix, such as a refused credential. */
  warn: (message: string) => void
}

/** The maximum length of one event, in characters: about 10,000 revocations. The server sends at most 500 revocations in one event. */
const maximumEventLength = 1024 * 1024

/**
 * The default maximum number of entries in memory (about 150 MB). No installation has as many within the lifetime of a token. If a feed
 * sends more, it counts as faulty.
 */
const maximumEntries = 1_000_000

/** The time, in milliseconds, after which the connection is closed if no line arrives. During this time, two heartbeats may be missing. */
const silenceMs = heartbeatSeconds * 3 * 1000

const firstDelayMs = 250
const longestDelayMs = 5000

/** The maximum time that `load` waits for the first snapshot, in milliseconds. */
const loadTimeoutMs = 5000

/**
 * Reads the auth server's revocation feed (docs/any-backend.md). The server sends a snapshot, and then events. If the connection breaks,
 * this class connects again after a delay, which grows with each failure and is partly random. It then sends `Last-Event-ID`, so that the
 * server sends the missed events.
 *
 * The feed is current only after the first snapshot, and only while lines arrive. If an event cannot be read, its revocations are unknown.
 * Then this class closes the connection and requests a new snapshot. A snapshot only adds entries. It removes none, because the instance of
 * the server that sends it may not have received all revocations yet.
 *
 * The open connection keeps a Node process running until {@link RevocationFeed.close}.
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
    // If the clock was set back, the age is negative. Then the feed counts as not current until the next line.
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
      // If a connection ends before its first heartbeat, it counts as failed, and the next delay is longer.
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
        // The standard for Server-Sent Events requires that unknown fields are ignored.
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
   * Reads a chunk of the stream. Returns whether a line ends in this chunk. Any line shows that the server is running, even a comment.
   *
   * If the chunk cannot be read, its revocations are unknown. Then the connection is closed, and the next one requests a new snapshot.
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
    // Do not remove entries before they expire, because the tokens that match them would be accepted again.
    if (this.#options.set.size > (this.#options.maximumEntries ?? maximumEntries)) throw new TooManyEntries()
    if (event === 'snapshot') this.#hasSnapshot = true
    if (id !== undefined) this.#lastEventId = id
  }

  #release(): void {
    for (const resolve of this.#waiters) resolve()
  }

  /** Warns about an error that the operator must fix, once for the same error. Does not warn if the server is only down or busy. */
  #warnOf(error: unknown): void {
    const isTheirs =
      error instanceof TooManyEntries || (error instanceof UnexpectedAnswer && error.status < 500)
    if (!isTheirs || error.message === this.#warned) return
    this.#warned = error.message
    this.#options.warn(
      `Sallyport: the revocation feed ${error.message}. Check that feed.url is the URL of the auth server's feed, and that feed.credential is the one ` +
        'it expects (SALLYPORT_VERIFIER_SECRET). Until this is fixed, the verifier follows its option whenStale.',
    )
  }
}

function waitUnreferenced(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { ref: false, signal })
}

class TooManyEntries extends Error {
  constructor() {
    super('has more entries than this verifier can store')
  }
}
