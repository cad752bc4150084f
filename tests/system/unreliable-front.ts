import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Bell } from './bell.ts'
import { type Crossings, createCrossings } from './crossings.ts'

export type UnreliableFront = Crossings & { url: string; close(): Promise<void> }

/** Starts a plain HTTP hop between two of our processes that holds, loses and reorders on demand. */
export async function startUnreliableFront(target: string, bell: Bell): Promise<UnreliableFront> {
  const crossings = createCrossings(bell, () => target)
  const server = createServer(crossings.handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(crossings, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
