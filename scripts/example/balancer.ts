import { createServer, connect as openSocket, type Server, type Socket } from 'node:net'

/**
 * Starts a load balancer in front of several servers. Each connection goes to the next server. If a server does not respond, it is skipped.
 * Use this only for tests on one machine. In production, use your load balancer.
 */
export function startBalancer({ host, port, servers }: { host: string; port: number; servers: number[] }) {
  let turn = 0
  const balancer: Server = createServer((client) => {
    client.on('error', () => client.destroy())
    turn += 1
    connect(client, [...servers.slice(turn % servers.length), ...servers.slice(0, turn % servers.length)])
  })
  function connect(client: Socket, [first, ...others]: number[]): void {
    if (first === undefined) {
      client.destroy()
      return
    }
    const server = openSocket(first, host)
    const passOver = () => {
      server.destroy()
      connect(client, others)
    }
    server.once('error', passOver)
    server.once('connect', () => {
      server.off('error', passOver)
      server.on('error', () => client.destroy())
      client.pipe(server).pipe(client)
      client.once('close', () => server.destroy())
      server.once('close', () => client.destroy())
    })
  }
  return new Promise<{ stop(): void }>((resolve, reject) => {
    balancer.once('error', reject)
    balancer.listen(port, host, () => resolve({ stop: () => void balancer.close() }))
  })
}
