import { createServer } from 'node:net'

/** Ports below those that the system gives to outgoing connections; a range for each of the workers that test at the same time. */
const first = 15_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 8) * 2_000
const count = 2_000
let offset = Math.floor(Math.random() * count)

/** A port of loopback that nobody listens on right now, and that no other test is given. */
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
