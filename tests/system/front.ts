import { once } from 'node:events'
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/**
 * What a hop between two of our processes does in a test.
 * - `pass`: it forwards everything.
 * - `down`: it cuts the connection.
 * - `silent`: it accepts the request and never responds.
 * - `nonsense`: it responds with 200 and HTML.
 * - `broken`: it responds with 500 and half a JSON document.
 * - `lost`: it forwards the request, and does not return the response.
 */
export type FrontMode = 'pass' | 'down' | 'silent' | 'nonsense' | 'broken' | 'lost'

export type Front = {
  url: string
  mode: FrontMode
  /** Returns whether the mode applies to a request. By default, it applies to all requests. */
  affects: (path: string) => boolean
  /** Every request that reached the front: method and path. */
  seen: string[]
  close(): Promise<void>
}

/** Starts a plain HTTP hop to `target` that fails on demand. */
export async function startFront(target: string): Promise<Front> {
  const sockets = new Set<Socket>()
  const front: Front = {
    url: '',
    mode: 'pass',
    affects: () => true,
    seen: [],
    close: () => Promise.resolve(),
  }
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/'
    front.seen.push(`${incoming.method} ${path}`)
    const mode = front.affects(path) ? front.mode : 'pass'
    if (mode === 'down') return incoming.socket.destroy()
    if (mode === 'silent') return
    if (mode === 'nonsense')
      return outgoing.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to nginx</h1>')
    if (mode === 'broken')
      return outgoing.writeHead(500, { 'content-type': 'application/json' }).end('{"half":')
    forward(target, incoming, outgoing, mode === 'lost')
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  front.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  front.close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return front
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse, lose: boolean): void {
  const upstream = httpRequest(new URL(incoming.url ?? '/', target), {
    method: incoming.method ?? 'GET',
    headers: incoming.headers,
  })
  upstream.on('response', (answer) => {
    if (lose) {
      answer.resume().on('end', () => outgoing.destroy())
      return
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(outgoing)
  })
  upstream.on('error', () => outgoing.destroy())
  outgoing.on('close', () => upstream.destroy())
  incoming.pipe(upstream)
}
