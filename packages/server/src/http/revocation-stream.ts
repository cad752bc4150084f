import { heartbeatSeconds, type Revocation } from '@sallyport/protocol'
import { FlowError } from '../flows/flow-error.ts'
import type { RevocationHub, RevocationReader } from '../flows/revocation-hub.ts'

/** Events that one slow reader may leave unread before it is cut; it resumes by the id of the last one it has seen. */
const mostUnread = 1_000

const encoder = new TextEncoder()

/**
 * The revocation log as Server-Sent Events: every live entry as a snapshot (or, after `Last-Event-ID`, only what came since),
 * then each new one, and a comment as a sign of life.
 *
 * @throws FlowError `unavailable` when the server is stopping.
 */
export async function revocationStream(hub: RevocationHub, lastEventId: string | null): Promise<Response> {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  /** Announced while the table is being read; sent after it. */
  const early: Revocation[] = []
  let ended = false

  const reader: RevocationReader = {
    push(entry) {
      if (controller === null) early.push(entry)
      else if ((controller.desiredSize ?? 0) > -mostUnread) controller.enqueue(eventOf(entry))
      else {
        leave()
        // Not closed but broken: what waits for a reader that does not read is dropped, and the connection with it.
        controller.error(new Error('The reader of the revocation stream is too slow.'))
      }
    },
    end() {
      leave()
      controller?.close()
    },
  }
  const heartbeat = setInterval(() => {
    // What lies unread is sign of life enough, and need not grow.
    if (controller !== null && (controller.desiredSize ?? 0) > 0) controller.enqueue(aliveComment)
  }, heartbeatSeconds * 1000)
  heartbeat.unref()
  function leave(): void {
    ended = true
    clearInterval(heartbeat)
    hub.leave(reader)
  }

  // Joined first and read second, so that nothing falls between the two; and read before there is an answer, so that a store
  // that cannot be read is an error and not an empty stream.
  hub.join(reader)
  const { entries, lastSeq } = await hub.read().catch((error: unknown) => {
    leave()
    throw error
  })
  if (ended) throw new FlowError('unavailable', { retryAfterSeconds: 1, reason: 'the server is stopping' })

  const lastSeen = seqOf(lastEventId)
  // A number from another life of this database would hide what came since: then all of it is told.
  const beginning =
    lastSeen !== null && lastSeen <= lastSeq
      ? [resumedComment, ...entries.filter(({ seq }) => seq > lastSeen).map(eventOf)]
      : [snapshotOf(entries, lastSeq)]
  beginning.push(...early.filter(({ seq }) => seq > lastSeq).map(eventOf))
  const body = new ReadableStream<Uint8Array>(
    {
      start(opened) {
        controller = opened
        for (const chunk of beginning) opened.enqueue(chunk)
      },
      cancel: leave,
    },
    // How much there is at the beginning is not held against the reader.
    { highWaterMark: beginning.length + 1 },
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

const aliveComment = encoder.encode(': alive\n\n')
const resumedComment = encoder.encode(': resumed\n\n')

function eventOf(entry: Revocation): Uint8Array {
  return encoder.encode(`id: ${entry.seq}\nevent: revocation\ndata: ${JSON.stringify(entry)}\n\n`)
}

function snapshotOf(revocations: readonly Revocation[], lastSeq: number): Uint8Array {
  return encoder.encode(`id: ${lastSeq}\nevent: snapshot\ndata: ${JSON.stringify({ revocations })}\n\n`)
}

function seqOf(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}
