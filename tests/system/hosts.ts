import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import type { Bell } from './bell.ts'
import { type Crossings, createCrossings } from './crossings.ts'

export type Hosts = Crossings & {
  /** Returns the origin of a name, such as `https://app.sallyport.test:1234`. */
  origin(host: string): string
  /** The target of each name. A name without a target refuses connections. */
  targets: Map<string, (path: string) => string>
  /** The certificate, as PEM. Processes of a test can trust it with `NODE_EXTRA_CA_CERTS`. */
  certificate: string
  close(): Promise<void>
}

/** Starts an HTTPS server for several names on one port, like a reverse proxy. The certificate is created at the start. */
export async function startHosts(names: readonly string[], bell: Bell): Promise<Hosts> {
  const altNames = names.map((value) => ({ type: 2 as const, value }))
  const { private: key, cert } = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
    keySize: 2048,
    // Node trusts a self-signed certificate only if it is one of an authority.
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  })
  const targets: Hosts['targets'] = new Map()
  const crossings = createCrossings(
    bell,
    ({ authority, path }) => targets.get(authority.replace(/:\d+$/, ''))?.(path) ?? 'http://127.0.0.1:1',
    ({ authority }) => ({ 'x-forwarded-proto': 'https', 'x-forwarded-host': authority }),
  )
  const server = createServer({ key, cert }, crossings.handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return Object.assign(crossings, {
    origin: (host: string) => `https://${host}:${port}`,
    targets,
    certificate: cert,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
