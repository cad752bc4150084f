import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Starts listening, and returns the address.
 *
 * @throws TypeError if the server cannot listen. The message says in one line what is wrong and how to fix it.
 */
export async function listen(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<string> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw new TypeError(explain((error as NodeJS.ErrnoException).code, host, port))
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
}

function explain(code: string | undefined, host: string, port: number): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} is busy. Stop the process that listens there, or choose another port: API_PORT=${port + 1}`
  if (code === 'EACCES')
    return `This user is not allowed to use port ${port}. Choose a port above 1023: API_PORT=4100`
  return `The API cannot listen on ${host}:${port} (${code}). Set HOST and API_PORT to an address of this machine.`
}
