import type { IncomingMessage, ServerResponse } from 'node:http'
import { paths } from '@sallyport/protocol/endpoints'
import { vi } from 'vitest'
import { type Loopback, startLoopback } from './loopback.ts'

/** A server with a revocation feed and introspection, like the auth server. The test sends the lines of the feed. */
export type FeedServer = {
  loopback: Loopback
  /** The open streams, oldest first. */
  streams: { request: IncomingMessage; response: ServerResponse }[]
  introspections: { authorization: string | undefined; body: unknown }[]
  /** Answers introspection requests. By default, every token is active. */
  introspect: (response: ServerResponse) => void
  /** Answers requests for a stream. By default, it opens the stream and sends nothing. */
  open: (response: ServerResponse) => void
  /** Waits for the n-th stream. The first stream has the number 1. */
  stream(count: number): Promise<{ request: IncomingMessage; response: ServerResponse }>
}

export function openStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
}

export function answerJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function snapshot(id: number, revocations: unknown[] = []): string {
  return `event: snapshot\nid: ${id}\ndata: ${JSON.stringify({ revocations })}\n\n`
}

export function revocation(entry: { seq: number; sid: string; until: number }): string {
  return `event: revocation\nid: ${entry.seq}\ndata: ${JSON.stringify(entry)}\n\n`
}

export async function startFeedServer(): Promise<FeedServer> {
  const loopback = await startLoopback((request, response) => {
    if (request.url === paths.introspect) {
      let text = ''
      request.on('data', (chunk) => {
        text += chunk
      })
      request.on('end', () => {
        feed.introspections.push({ authorization: request.headers.authorization, body: JSON.parse(text) })
        feed.introspect(response)
      })
      return
    }
    feed.open(response)
    feed.streams.push({ request, response })
  })
  const feed: FeedServer = {
    loopback,
    streams: [],
    introspections: [],
    introspect: (response) => answerJson(response, { active: true, sub: 'user-1', sid: 'session-1', exp: 1 }),
    open: openStream,
    stream: (count) =>
      vi.waitFor(
        () => {
          const stream = feed.streams[count - 1]
          if (stream === undefined) throw new Error(`There is no stream ${count} yet.`)
          return stream
        },
        { timeout: 15_000, interval: 5 },
      ),
  }
  return feed
}
