import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { generate } from 'selfsigned'
import type { Bell } from './bell.ts'
import { type Crossing, type Crossings, createCrossings } from './crossings.ts'

export type Edge = Crossings & {
  origin: string
  /** The Next processes behind the edge. */
  targets: string[]
  /** Chooses the process for a request. `before` is the number of requests before it. By default, the processes take turns. */
  pick: (request: Pick<Crossing, 'method' | 'path'>, before: number) => number
  close(): Promise<void>
}

/**
 * What is in front of Next in production: HTTPS, HTTP/2 and a balancer. Over HTTP/1, a browser opens only six connections to a host, so the
 * seventh request would wait in the browser. Over HTTP/2, all requests are sent in parallel.
 */
export async function startEdge(host: string, bell: Bell): Promise<Edge> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: host }], { keySize: 2048 })
  const targets: string[] = []
  const crossings = createCrossings(
    bell,
    (request) => targets[edge.pick(request, crossings.all.length) % targets.length] ?? '',
    ({ authority }) => ({ 'x-forwarded-proto': 'https', 'x-forwarded-host': authority }),
  )
  const sockets = new Set<Socket>()
  const server = createSecureServer({ key, cert, allowHTTP1: true }, (incoming, outgoing) =>
    // Node's compatibility API for HTTP/2 has the same methods, but other types.
    crossings.handle(incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse),
  )
  // Sockets without an HTTP/2 session are recorded too. A browser opens such connections in advance, and `close` would wait for them for
  // ever.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const edge: Edge = Object.assign(crossings, {
    origin: `https://${host}:${(server.address() as AddressInfo).port}`,
    targets,
    pick: (_: unknown, before: number) => before,
    async close() {
      server.close()
      for (const socket of sockets) socket.destroy()
      await once(server, 'close')
    },
  })
  return edge
}
