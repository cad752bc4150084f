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
  /** Chooses the process of a request by the number of requests before it; in turns by default. */
  pick: (request: Pick<Crossing, 'method' | 'path'>, before: number) => number
  close(): Promise<void>
}

/**
 * What is in front of Next in production: HTTPS, HTTP/2 and a balancer. Over HTTP/1 a browser opens six connections to a host, and the
 * seventh request would wait in the browser; over HTTP/2 all of them are sent in parallel.
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
    // Node's HTTP/2 compatibility API: the same methods, other types.
    crossings.handle(incoming as unknown as IncomingMessage, outgoing as unknown as ServerResponse),
  )
  // Also those without an HTTP/2 session: a browser connects in advance, and such a connection would keep `close` waiting for ever.
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
