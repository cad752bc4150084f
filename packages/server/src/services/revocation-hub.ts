import { heartbeatSeconds, type Revocation } from '@sallyport/protocol'
import { RevocationSet } from '@sallyport/verify'
import type { Store } from '../store/database.ts'
import { lastRevocation, readRevocations } from '../store/revocation.ts'

/**
 * A reader that follows the revocation log. A reader stores only its position in the log, and the hub stores no entries for the reader. So
 * a slow reader needs no memory for entries.
 */
export type RevocationReader = {
  /** Called when there are new entries. */
  wake(): void
  /** The heartbeat. Called after the log was read successfully, also if there are no new entries. */
  alive(): void
  /** Called when the log is closed. */
  end(): void
}

export type RevocationHub = Awaited<ReturnType<typeof openRevocationHub>>

/** The newest entries are kept in memory, at most this many. For readers that need older entries, the hub reads the table. */
const maxRecent = 5_000
const pageSize = 500

type Listeners = {
  /** Called when a key was revoked by this or another process. */
  onKeyRevoked: () => void
  /** Called when the log cannot be read, once for each outage. */
  onSilence: (error: unknown) => void
}

/**
 * Opens the hub. The hub forwards the revocations of all processes to this server's own verifier and to every reader of the stream. It
 * reads the revocations from the table, in the order of their numbers, after each commit of this process and after each notification of
 * another process. It also reads them every few seconds, because a notification may be lost. Readers get a heartbeat only after the table
 * was read successfully.
 */
export async function openRevocationHub(
  { database, watch }: Store,
  clock: () => number,
  listeners: Listeners = { onKeyRevoked: () => {}, onSilence: () => {} },
) {
  const set = new RevocationSet(clock)
  const readers = new Set<RevocationReader>()
  let recent: Revocation[] = []
  /** All entries whose number is greater than this are in `recent`. */
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

  /** Reads new entries. All calls during a read share one further read, which runs after the current one. */
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
    /**
     * Reads the new entries and wakes the readers. Call this after the entries are committed. It never rejects, because an error of the
     * read does not undo the commit.
     */
    announce: (): Promise<void> => catchUp().catch(fallSilent),
    /** Reads the log up to its end. Rejects if the log cannot be read now. */
    catchUp,
    join(reader: RevocationReader): void {
      if (closed) reader.end()
      else readers.add(reader)
    },
    leave: (reader: RevocationReader) => void readers.delete(reader),
    /** Returns the next entries after this number. If they are in memory, they are returned synchronously. */
    after(seq: number): Revocation[] | Promise<Revocation[]> {
      if (seq >= lastSeq) return []
      if (seq < recentAfter) return readRevocations(database, { after: seq, now: clock(), limit: pageSize })
      const now = clock()
      const start = recent.findIndex((entry) => entry.seq > seq)
      const later = start === -1 ? [] : recent.slice(start)
      return later.filter(({ until }) => until > now).slice(0, pageSize)
    },
    /** The number of the newest entry that was read. */
    get lastSeq(): number {
      return lastSeq
    },
    /** The number of readers of the stream. */
    get readerCount(): number {
      return readers.size
    },
    /** Milliseconds since the log was last read up to its end. */
    get lagMs(): number {
      return Math.max(0, clock() - readAt)
    },
    /** Ends every stream. A stream does not end by itself. */
    close(): void {
      closed = true
      clearInterval(heartbeat)
      unwatch()
      for (const reader of [...readers]) reader.end()
    },
  }
}
