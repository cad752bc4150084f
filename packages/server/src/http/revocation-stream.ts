import type { Revocation } from '@sallyport/protocol'
import { FlowError } from '../services/flow-error.ts'
import type { RevocationHub, RevocationReader } from '../services/revocation-hub.ts'

/** Heartbeats in a row that a reader may leave unread before it is cut off: 20, which take a minute. */
const maxUnreadSigns = 20

const encoder = new TextEncoder()

/**
 * Streams the revocation log as Server-Sent Events: all entries that have not expired as a snapshot (or, after `Last-Event-ID`, only those
 * since), then each new one, and a comment as a heartbeat. The reader pulls: between two pulls this keeps only its position in the
 * log.
 *
 * @throws FlowError `unavailable` if the server is stopping; what the store throws if the log cannot be read.
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
        // An error instead of a normal end, so that the connection is not reused.
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
    // Read before responding: the entries in memory may be old, and the response itself counts as a heartbeat.
    await hub.catchUp()
    // A number from another copy of this database could hide newer entries: everything is sent.
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
      // If no entry follows our position, there is none up to the number that was known before the query.
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
        // A verifier takes the first line as a heartbeat, so it must not precede missed entries.
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
      // Without this, nginx would buffer the events.
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

/** Marks the end of the snapshot. Only this event of a snapshot has a number to resume from. */
function snapshotEnd(seq: number): string {
  return `id: ${seq}\nevent: snapshot\ndata: {"revocations":[]}\n\n`
}

function seqOf(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}
