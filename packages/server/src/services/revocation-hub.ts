import { heartbeatSeconds, type Revocation } from '@sallyport/protocol'
import { RevocationSet } from '@sallyport/verify'
import type { Store } from '../store/database.ts'
import { lastRevocation, readRevocations } from '../store/revocation.ts'

/** Somebody who follows the log. Holds a place in it and nothing else, so that a slow one costs no memory. */
export type RevocationReader = {
  /** There is something to read. */
  wake(): void
  /** There is nothing to read, and this server knows that: a sign of life. */
  alive(): void
  /** Nothing more will come. */
  end(): void
}

export type RevocationHub = Awaited<ReturnType<typeof openRevocationHub>>

/** The newest entries, kept for readers that follow closely; whoever is further behind reads the table. */
const maxRecent = 5_000
const pageSize = 500

type Listeners = {
  /** A key was declared compromised, by whatever process. */
  onKeyRevoked: () => void
  /** The log cannot be read; told once each time that begins. */
  onSilence: (error: unknown) => void
}

/**
 * Carries what is revoked, by whatever process, to this server's own verifier and to every reader of the stream. The table is the
 * truth: it is read in the order of its numbers after each commit of ours, after each notice of another's, and every few seconds in
 * case a notice was lost. Readers get a sign of life only after such a reading, so a process that cannot know does not claim to.
 */
export async function openRevocationHub(
  { database, watch }: Store,
  clock: () => number,
  listeners: Listeners = { onKeyRevoked: () => {}, onSilence: () => {} },
) {
  const set = new RevocationSet(clock)
  const readers = new Set<RevocationReader>()
  let recent: Revocation[] = []
  /** Everything after this number is in `recent`. */
  let recentAfter = 0
  let lastSeq = await lastRevocation(database)
  let readAt = clock()
  let isSilent = false
  let closed = false
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null

  function take(entry: Revocation): void {
    set.add(entry)
    if ('kid' in entry) listeners.onKeyRevoked()
  }

  async function read(): Promise<void> {
    const before = lastSeq
    for (;;) {
      const page = await readRevocations(database, { after: lastSeq, now: clock(), limit: pageSize })
      for (const entry of page) take(entry)
      recent.push(...page)
      lastSeq = page.at(-1)?.seq ?? lastSeq
      if (page.length < pageSize) break
    }
    if (recent.length > maxRecent) {
      recent = recent.slice(-maxRecent / 2)
      recentAfter = (recent[0]?.seq ?? lastSeq + 1) - 1
    }
    readAt = clock()
    isSilent = false
    if (lastSeq > before) for (const reader of [...readers]) reader.wake()
  }

  /** Reads what came since. Whoever calls while that is under way gets a reading of their own after it, together. */
  function catchUp(): Promise<void> {
    if (running === null) {
      running = read().finally(() => {
        running = null
      })
      return running
    }
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null
        return catchUp()
      })
    return next
  }

  function fallSilent(error: unknown): void {
    if (!isSilent && !closed) listeners.onSilence(error)
    isSilent = true
  }

  for (let after = 0; ; ) {
    const page = await readRevocations(database, { after, now: clock(), limit: pageSize })
    for (const entry of page) take(entry)
    after = page.at(-1)?.seq ?? after
    lastSeq = Math.max(lastSeq, after)
    if (page.length < pageSize) break
  }
  recentAfter = lastSeq

  const unwatch = watch(() => void catchUp().catch(fallSilent))
  const heartbeat = setInterval(() => {
    set.dropEnded()
    catchUp().then(() => {
      for (const reader of [...readers]) reader.alive()
    }, fallSilent)
  }, heartbeatSeconds * 1000)
  heartbeat.unref()

  return {
    set,
    /** Tells everybody; called once the transaction has been committed. That cannot fail any more, so neither does this. */
    announce: (): Promise<void> => catchUp().catch(fallSilent),
    /** Reads the log to its end; rejects when that cannot be done now. */
    catchUp,
    join(reader: RevocationReader): void {
      if (closed) reader.end()
      else readers.add(reader)
    },
    leave: (reader: RevocationReader) => void readers.delete(reader),
    /** Some entries after a number: at once, where they are recent. */
    after(seq: number): Revocation[] | Promise<Revocation[]> {
      if (seq >= lastSeq) return []
      if (seq < recentAfter) return readRevocations(database, { after: seq, now: clock(), limit: pageSize })
      const now = clock()
      const start = recent.findIndex((entry) => entry.seq > seq)
      const later = start === -1 ? [] : recent.slice(start)
      return later.filter(({ until }) => until > now).slice(0, pageSize)
    },
    /** The number of the newest entry that has been read. */
    get lastSeq(): number {
      return lastSeq
    },
    /** How many follow the log. */
    get readerCount(): number {
      return readers.size
    },
    /** Milliseconds since the log was last known to be read to its end. */
    get lagMs(): number {
      return Math.max(0, clock() - readAt)
    },
    /** Ends every stream: none would end by itself. */
    close(): void {
      closed = true
      clearInterval(heartbeat)
      unwatch()
      for (const reader of [...readers]) reader.end()
    },
  }
}
