import type { Revocation } from '@sallyport/protocol'
import { FlowError } from '../services/flow-error.ts'
import type { RevocationHub, RevocationReader } from '../services/revocation-hub.ts'

/** Signs of life in a row that a reader may leave unread before it counts as dead: a minute. */
const maxUnreadSigns = 20

const encoder = new TextEncoder()

/**
 * The revocation log as Server-Sent Events: every live entry as a snapshot (or, after `Last-Event-ID`, only what came since),
 * then each new one, and a comment as a sign of life. The reader pulls: between two pulls this holds its place in the log and
 * nothing else.
 *
 * @throws FlowError `unavailable` when the server is stopping; what the store throws when the log cannot be read.
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
        // Not closed but broken: a connection that nobody reads is not kept.
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
    // Read before there is an answer: what is remembered may be old, and the answer itself counts as a sign of life.
    await hub.catchUp()
    // A number from another life of this database would hide what came since: then all of it is told.
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
      // Nothing live after our place: then there is nothing live up to what was known before we asked.
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
        // A verifier takes the first line for a sign of life: it must not come before what was missed.
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
      // Proxies of the nginx kind would hold the events back.
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

/** Says that all has been told; only this carries a number to resume from. */
function snapshotEnd(seq: number): string {
  return `id: ${seq}\nevent: snapshot\ndata: {"revocations":[]}\n\n`
}

function seqOf(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}
