import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  type Accounts,
  newKey,
  oidcServer,
  testClient,
} from '../../packages/server/src/testing/outside-providers.ts'
import { root } from '../../scripts/install.mjs'
import type { Hosts } from './hosts.ts'

/** A provider with its own host name. */
export type ProviderHost = {
  /** The name in the settings of the auth server. */
  name: string
  label: string
  host: string
  /** How it sends the browser back. Apple uses `form_post`. */
  responseMode: 'query' | 'form_post'
}

/** Starts a real OpenID provider for each of these hosts, behind HTTPS. */
export async function startProviderHosts(
  hosts: Hosts,
  providers: readonly ProviderHost[],
  accounts: Accounts,
  app: string,
) {
  const servers = await Promise.all(
    providers.map(async ({ name, host }) => {
      const redirectUrls = [`${app}/api/auth/providers/${name}/callback`]
      const server = createServer(
        oidcServer(hosts.origin(host), accounts, { keys: [await newKey()], redirectUrls }),
      ).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      hosts.targets.set(host, () => `http://127.0.0.1:${port}`)
      return server
    }),
  )
  return {
    async close() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}

/** Returns the environment with which an auth server has these providers. Its configuration file is written into `folder`. */
export function providerEnvironment(
  folder: string,
  hosts: Hosts,
  providers: readonly ProviderHost[],
): Record<string, string> {
  const entries = providers.map(({ name, label, host, responseMode }) => {
    const options = JSON.stringify({ issuer: hosts.origin(host), label, ...testClient })
    return `${name}: { ...oidc(${options}), responseMode: '${responseMode}' }`
  })
  const config = join(folder, 'sallyport.config.mjs')
  const library = JSON.stringify(join(root, 'packages/server/src/index.ts'))
  const definition = JSON.stringify(join(root, 'apps/billing-auth/access.ts'))
  writeFileSync(
    config,
    `import { access } from ${definition}\nimport { oidc } from ${library}\n` +
      `export default { access, providers: { ${entries.join(', ')} } }\n`,
  )
  const certificate = join(folder, 'certificate.pem')
  writeFileSync(certificate, hosts.certificate)
  return {
    SALLYPORT_CONFIG: config,
    NODE_EXTRA_CA_CERTS: certificate,
    NODE_OPTIONS: `--import=${new URL('./test-names.mjs', import.meta.url)}`,
  }
}
