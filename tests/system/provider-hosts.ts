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
  /** Whether the auth server stores the tokens of this provider. */
  keepTokens?: boolean
}

/** Starts a real OpenID provider for each of these hosts, behind HTTPS. */
export async function startProviderHosts(
  hosts: Hosts,
  providers: readonly ProviderHost[],
  accounts: Accounts,
  app: string,
) {
  const grants: Record<string, unknown>[] = []
  const servers = await Promise.all(
    providers.map(async ({ name, host, keepTokens }) => {
      const shown = {
        keys: [await newKey()],
        redirectUrls: [`${app}/api/auth/providers/${name}/callback`],
        ...(keepTokens && { client: { grant_types: ['authorization_code', 'refresh_token'] } }),
        onGrant: (_: string, body: Record<string, unknown>) => void grants.push(body),
      }
      const server = createServer(oidcServer(hosts.origin(host), accounts, shown)).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      hosts.targets.set(host, () => `http://127.0.0.1:${port}`)
      return server
    }),
  )
  return {
    /** The answers of the token endpoints. */
    grants,
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
  const entries = providers.map(({ name, label, host, responseMode, keepTokens = false }) => {
    const options = JSON.stringify({ issuer: hosts.origin(host), label, keepTokens, ...testClient })
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
  return { SALLYPORT_CONFIG: config, ...hostsEnvironment(folder, hosts) }
}

/** Returns the environment with which a Node process reaches the hosts of the test. Their certificate is written into `folder`. */
export function hostsEnvironment(folder: string, hosts: Hosts): Record<string, string> {
  const certificate = join(folder, 'certificate.pem')
  writeFileSync(certificate, hosts.certificate)
  return {
    NODE_EXTRA_CA_CERTS: certificate,
    NODE_OPTIONS: `--import=${new URL('./test-names.mjs', import.meta.url)}`,
  }
}
