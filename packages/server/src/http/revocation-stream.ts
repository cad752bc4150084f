import { heartbeatSeconds, type Revocation } from '@sallyport/protocol'
import type { Context } from '../flows/context.ts'

/** Entries that one slow reader may leave unread before it is cut; it resumes by the id of the last event it has seen. */
const mostUnread = 1_000

const encoder = new TextEncoder()

/**
 * `GET revocations`: every live entry as a snapshot (or, after `Last-Event-ID`, only what came since), then each new one,
 * and a comment as a sign of life.
 */
export function revocationStream(request: Request, { revocations }: Context): Response {
  const lastSeen = Number(request.headers.get('last-event-id') ?? 0)
  let open: ReadableStreamDefaultController<Uint8Array> | null = null
  /** Announced while the table is being read; sent after it. */
  let early: Revocation[] | null = []
  let sentUpTo = 0

  const write = (text: string) => open?.enqueue(encoder.encode(text))
  const send = (entry: Revocation) => {
    if (entry.seq <= sentUpTo) return
    sentUpTo = entry.seq
    write(`id: ${entry.seq}\nevent: revocation\ndata: ${JSON.stringify(entry)}\n\n`)
  }
  const reader = {
    push(entry: Revocation): boolean {
      if (early !== null) return early.push(entry) <= mostUnread
      if (open === null || (open.desiredSize ?? 0) < -mostUnread) return false
      send(entry)
      return true
    },
    end(): void {
      leave()
      open?.close()
      open = null
    },
  }
  const heartbeat = setInterval(() => write(': alive\n\n'), heartbeatSeconds * 1000)
  heartbeat.unref()
  const leave = () => {
    clearInterval(heartbeat)
    revocations.leave(reader)
  }

  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      open = controller
      // Joined first and read second, so that nothing falls between the two.
      revocations.join(reader)
      const { entries, lastSeq } = await revocations.read()
      const resumes = Number.isSafeInteger(lastSeen) && lastSeen > 0 && lastSeen <= lastSeq
      if (resumes) {
        write(': resumed\n\n')
        for (const entry of entries) if (entry.seq > lastSeen) send(entry)
      } else write(`id: ${lastSeq}\nevent: snapshot\ndata: ${JSON.stringify({ revocations: entries })}\n\n`)
      sentUpTo = lastSeq
      const waiting = early ?? []
      early = null
      for (const entry of waiting) send(entry)
    },
    cancel() {
      open = null
      leave()
    },
  })
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream',
      'cache-control': 'private, no-store',
      'x-accel-buffering': 'no',
    },
  })
}
