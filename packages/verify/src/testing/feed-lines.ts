import { vi } from 'vitest'
import { RevocationFeed, type RevocationFeedOptions } from '../revocation-feed.ts'
import { RevocationSet } from '../revocation-set.ts'

export const firstSnapshot = 'event: snapshot\nid: 7\ndata: {"revocations":[]}\n\n'

/** Waits until pending background work is done. */
export const settled = () => vi.advanceTimersByTimeAsync(0)

type Line = {
  headers: Headers
  init: RequestInit
  signal: AbortSignal
  send(data: string | Uint8Array): Promise<void>
  end(): Promise<void>
}

/**
 * Creates a feed. The test controls its connections, clock and waits. If `refuses` is set, it returns the response that replaces the
 * stream.
 */
export function start(options: Partial<RevocationFeedOptions> = {}) {
  const lines: Line[] = []
  const waits: number[] = []
  const warnings: string[] = []
  const bench = {
    time: 1_000_000,
    refuses: null as (() => Response | Promise<Response>) | null,
    type: 'text/event-stream',
    goOn: () => {},
  }
  const feed = new RevocationFeed({
    url: 'https://auth.example.com/revocations',
    credential: 'verifier',
    maxStalenessSeconds: 10,
    set: new RevocationSet(() => bench.time),
    clock: () => bench.time,
    warn: (message) => void warnings.push(message),
    wait: (ms) => {
      waits.push(ms)
      return new Promise((resolve) => {
        bench.goOn = resolve
      })
    },
    fetch: async (_url, init = {}) => {
      let controller: ReadableStreamDefaultController<Uint8Array> | undefined
      const body = new ReadableStream<Uint8Array>({
        start(own) {
          controller = own
        },
      })
      const { signal } = init
      signal?.addEventListener('abort', () => controller?.error(signal.reason))
      lines.push({
        headers: new Headers(init.headers),
        init,
        signal: signal as AbortSignal,
        async send(data) {
          controller?.enqueue(typeof data === 'string' ? new TextEncoder().encode(data) : data)
          await settled()
        },
        async end() {
          controller?.close()
          await settled()
        },
      })
      return bench.refuses?.() ?? new Response(body, { headers: { 'content-type': bench.type } })
    },
    ...options,
  })
  /** The newest connection. */
  const line = () => lines.at(-1) as Line
  const reconnect = async () => {
    bench.goOn()
    await settled()
  }
  return Object.assign(bench, { feed, lines, waits, warnings, line, reconnect })
}

export async function startCurrent(options: Partial<RevocationFeedOptions> = {}) {
  const bench = start(options)
  bench.feed.start()
  await settled()
  await bench.line().send(firstSnapshot)
  return bench
}
