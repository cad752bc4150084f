import { once } from 'node:events'
import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Starts a hop in front of the pages that removes all cookies from requests and responses. So a browser behaves as if cookies were switched
 * off, for which headless Chromium has no setting. The pages see their own address.
 */
export async function startCookielessFront(target: string): Promise<{ url: string; close(): Promise<void> }> {
  const { host, origin } = new URL(target)
  const server = createServer((incoming, outgoing) => {
    const { cookie: _, ...headers } = incoming.headers
    const upstream = httpRequest(new URL(incoming.url ?? '/', target), {
      method: incoming.method ?? 'GET',
      headers: { ...headers, host, ...(headers.origin && { origin }) },
    })
    upstream.on('response', (answer) => {
      const { 'set-cookie': __, ...kept } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, kept)
      answer.pipe(outgoing)
    })
    upstream.on('error', () => outgoing.destroy())
    incoming.pipe(upstream)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
