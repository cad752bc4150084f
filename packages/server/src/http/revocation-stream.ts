import type { Revocation } from '@sallyport/protocol'
import { FlowError } from '../services/flow-error.ts'
import type { RevocationHub, RevocationReader } from '../services/revocation-hub.ts'

/** If a reader does not read this many consecutive heartbeats, the next heartbeat ends its connection. 20 heartbeats take one minute. */
const maxUnreadSigns = 20

const encoder = new TextEncoder()

/**
 * Streams the revocation log as Server-Sent Events. Without `Last-Event-ID`, the stream begins with a snapshot of all entries that have not
 * expired. With this header, the stream begins with the entries after the number in the header. Then the stream sends each new entry, and
 * regularly a comment as a heartbeat. The reader pulls the data. Between two pulls, only the position of the reader in the log is stored.
 *
 * @throws FlowError `unavailable` when the server is stopping. If the log cannot be read, throws the error of the database.
 */
export async function revocationStream(hub: RevocationHub, lastEventId: string | null): Promise<Response> {
  const lastSeen = seqOf(lastEventId)
  let isSnapshot = false
  let place = 0
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  let ended = false
  let wake: (() => void) | null = null
  let hasSign = false
  let unreadSigns = 0

  const reader: RevocationReader = {
    wake: () => wake?.(),
    alive() {
      hasSign = true
      unreadSigns += 1
      if (unreadSigns > maxUnreadSigns) {
        leave()
        // End the stream with an error, so that the connection is not reused.
        controller?.error(new Error('Nobody reads this revocation stream.'))
      } else wake?.()
    },
    end() {
      leave()
      controller?.close()
    },
  }
  function leave(): void {
    ended = true
    hub.leave(reader)
    wake?.()
  }

  function requireRunning(): void {
    if (ended) throw new FlowError('unavailable', { retryAfterSeconds: 1, reason: 'the server is stopping' })
  }

  hub.join(reader)
  requireRunning()
  let page: Revocation[] | null = null
  try {
    // Read the log before the response begins, because the entries in memory may be old, and a verifier counts the response itself as a
    // heartbeat.
    await hub.catchUp()
    // If the number that the reader sent is higher than all numbers of the log, the number comes from another copy of this database. The
    // reader could then miss entries, so send a snapshot.
    isSnapshot = lastSeen === null || lastSeen > hub.lastSeq
    place = isSnapshot ? 0 : (lastSeen ?? 0)
    page = await hub.after(place)
  } catch (error) {
    leave()
    throw error
  }
  requireRunning()

  async function pull(): Promise<void> {
    unreadSigns = 0
    for (;;) {
      const known = hub.lastSeq
      const entries = page ?? (await hub.after(place))
      page = null
      if (ended) return
      // If no entry was found, continue after `known`, the highest number before the query, because all entries up to this number were sent
      // or have expired.
      place = Math.max(place, entries.at(-1)?.seq ?? known)
      if (entries.length > 0) return send(isSnapshot ? partOf(entries) : entries.map(eventOf).join(''))
      if (isSnapshot) {
        isSnapshot = false
        return send(snapshotEnd(place))
      }
      if (hub.lastSeq > known) continue
      if (hasSign) {
        hasSign = false
        return send(': alive\n\n')
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
      wake = null
      if (ended) return
    }
  }
  function send(text: string): void {
    controller?.enqueue(encoder.encode(text))
  }

  const body = new ReadableStream<Uint8Array>(
    {
      start(opened) {
        controller = opened
        // A verifier counts the first line as a heartbeat. So a line without entries must not be sent before the entries that the verifier
        // has missed.
        if (!isSnapshot && page?.length === 0) send(': resumed\n\n')
      },
      pull,
      cancel: leave,
    },
    { highWaterMark: 1 },
  )
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'private, no-store',
      // Without this header, nginx would buffer the events.
      'x-accel-buffering': 'no',
    },
  })
}

function eventOf(entry: Revocation): string {
  return `id: ${entry.seq}\nevent: revocation\ndata: ${JSON.stringify(entry)}\n\n`
}

function partOf(revocations: readonly Revocation[]): string {
  return `event: revocations\ndata: ${JSON.stringify({ revocations })}\n\n`
}

/**
 * Returns the event that marks the end of the snapshot. Of all events of a snapshot, only this one has a number from which a reader can
 * continue.
 */
function snapshotEnd(seq: number): string {
  return `id: ${seq}\nevent: snapshot\ndata: {"revocations":[]}\n\n`
}

function seqOf(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}
