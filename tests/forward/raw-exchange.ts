import { createHash } from 'node:crypto'
import { type ClientRequest, request } from 'node:http'

export type Sent = {
  method: string
  url: string
  headers?: Record<string, string | string[]>
  /** The parts of a body. If the headers have a `content-length`, the body has a known length. */
  body?: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>
}

/** The response. `body` has the length and the hash of its body. `error` is set if the connection ended before the response. */
export type Received = {
  status: number
  statusMessage: string
  headers: Record<string, string[]>
  body: string
  text: string
  error: string | null
}

/** Sends one request over a separate connection. Adds and decodes nothing. */
export async function exchange({ method, url, headers = {}, body }: Sent): Promise<Received> {
  const { promise, resolve, reject } = Promise.withResolvers<Received>()
  const outgoing = request(url.replace(/^(https?:\/\/[^/]+).*/s, '$1'), {
    method,
    path: url.replace(/^https?:\/\/[^/]+/, ''),
    headers,
    agent: false,
  })
  outgoing.on('error', reject)
  outgoing.once('response', async (incoming) => {
    const hash = createHash('sha256')
    const parts: Buffer[] = []
    let size = 0
    let error: string | null = null
    try {
      for await (const part of incoming as AsyncIterable<Buffer>) {
        hash.update(part)
        if (size < 100_000) parts.push(part)
        size += part.length
      }
    } catch (thrown) {
      error = String(thrown)
    }
    resolve({
      status: incoming.statusCode ?? 0,
      statusMessage: incoming.statusMessage ?? '',
      headers: incoming.headersDistinct as Record<string, string[]>,
      body: `${size} ${hash.digest('hex')}`,
      text: Buffer.concat(parts).toString(),
      error,
    })
  })
  if (body) {
    for await (const part of body) {
      if (outgoing.destroyed) break
      if (!outgoing.write(part)) await drained(outgoing)
    }
  }
  outgoing.end()
  return promise
}

function drained(outgoing: ClientRequest): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const done = () => {
    outgoing.off('drain', done).off('close', done)
    resolve()
  }
  outgoing.on('drain', done).on('close', done)
  return promise
}
