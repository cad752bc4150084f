import { createServer } from 'node:net'

/**
 * The first port of this test worker. Each parallel worker has a separate range of ports. All ranges are below the ports of outgoing
 * connections.
 */
const first = 15_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 8) * 2_000
const count = 2_000
let offset = Math.floor(Math.random() * count)

/** Returns a port of loopback on which nothing listens now, and which no other test gets. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < count; tries += 1) {
    offset = (offset + 1) % count
    const port = first + offset
    if (await canListen(port)) return port
  }
  throw new Error('no port')
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
