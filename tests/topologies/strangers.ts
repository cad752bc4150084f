import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Starts a server of somebody else, with an empty page for every host name. It records the cookies that it gets, and sets one. */
export async function startStrangers() {
  const cookies: string[] = []
  const server = createServer((request, response) => {
    cookies.push(request.headers.cookie ?? '')
    response
      .setHeader('content-type', 'text/html')
      .setHeader('set-cookie', 'stranger=1; Path=/; Secure; SameSite=None')
      .end('<!doctype html><title>A stranger</title><link rel="icon" href="data:,">')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cookies,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
