import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Clean } from './auth-server.ts'

/**
 * What happens to the bytes.
 * - `pass`: they are forwarded.
 * - `still`: nothing is forwarded in either direction, and there is no error.
 * - `answers held`: requests are forwarded, and responses are not.
 * - `refuse`: new connections are cut.
 */
export type HopMode = 'pass' | 'still' | 'answers held' | 'refuse'

/** A network between two processes, which can fail. */
export type TcpHop = {
  port: number
  /** The number of connections so far. */
  connections: number
  /** The number of response bytes after which a new connection is cut, in the middle of whatever it sends. */
  lifeBytes: () => number
  set(mode: HopMode): void
  /** Cuts all existing connections. */
  cut(): void
  /** Existing connections stop forwarding, without an error. New connections follow the mode. */
  freeze(): void
}

/** Starts a hop to a target. `target.port` is read for each connection, because it may change, as behind a balancer. */
export async function startTcpHop(target: { port: number }, clean: Clean): Promise<TcpHop> {
  const pairs = new Map<Socket, Socket | null>()
  const frozen = new Set<Socket>()
  let mode: HopMode = 'pass'

  /** Connects to the target, and forwards what the mode allows. */
  function settle(near: Socket): void {
    if (mode === 'still' || frozen.has(near)) {
      near.pause()
      pairs.get(near)?.pause()
      return
    }
    const far = pairs.get(near) ?? join(near)
    near.resume()
    if (mode === 'answers held') far.pause()
    else far.resume()
  }

  function join(near: Socket): Socket {
    const far = connect(target.port, '127.0.0.1')
    pairs.set(near, far)
    let left = hop.lifeBytes()
    const cut = () => {
      near.destroy()
      far.destroy()
    }
    near.on('data', (chunk: Buffer) => carry(near, far, chunk))
    far.on('data', (chunk: Buffer) => {
      carry(far, near, chunk.subarray(0, left))
      left -= chunk.byteLength
      if (left <= 0) cut()
    })
    far.on('error', cut).on('close', cut)
    return far
  }

  /** Forwards with back-pressure. Without it, the hop would hide a client that does not read. */
  function carry(from: Socket, to: Socket, chunk: Buffer): void {
    if (to.destroyed || to.write(chunk)) return
    from.pause()
    to.once('drain', () => {
      const near = pairs.has(from) ? from : to
      if (pairs.has(near)) settle(near)
    })
  }

  const server = createServer((near) => {
    hop.connections += 1
    near.on('error', () => {})
    near.on('close', () => {
      pairs.get(near)?.destroy()
      pairs.delete(near)
      frozen.delete(near)
    })
    if (mode === 'refuse') {
      near.destroy()
      return
    }
    pairs.set(near, null)
    settle(near)
  })
  const hop: TcpHop = {
    port: 0,
    connections: 0,
    lifeBytes: () => Number.POSITIVE_INFINITY,
    set(next) {
      mode = next
      if (next !== 'refuse') for (const near of pairs.keys()) settle(near)
    },
    freeze() {
      for (const near of pairs.keys()) {
        frozen.add(near)
        settle(near)
      }
    },
    cut() {
      for (const [near, far] of pairs) {
        near.destroy()
        far?.destroy()
      }
    },
  }
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  hop.port = (server.address() as AddressInfo).port
  clean(() => {
    server.close()
    hop.cut()
  })
  return hop
}

/** Returns the same URL, through a hop. */
export function through(hop: TcpHop, address: string): string {
  const url = new URL(address)
  url.port = String(hop.port)
  return url.href.replace(/\/$/, '')
}
