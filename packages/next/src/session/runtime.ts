import type { Verifier } from '@sallyport/verify'
import type { Configuration } from '../config/configuration.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import { createRefresher, type Refresher } from './refresh.ts'
import { createPageVerifier } from './verifier.ts'

/** What one process shares among everything that speaks to the same auth server for the same pages. */
type Connection = { issuer: Issuer; verifier: Verifier; refresh: Refresher }

/** A configuration, and the connection that it shares. */
export type Runtime = Connection & { config: Configuration }

const registryKey = Symbol.for('sallyport.next.connections')

/**
 * The runtime of a configuration. Next bundles the proxy, pages and handlers apart from each other, so a module-level variable
 * would exist once in each; one registry on the process gives them one memory of keys, revocations and refreshes.
 */
export function runtimeFor(config: Configuration): Runtime {
  const holder = globalThis as { [registryKey]?: Map<string, Connection> }
  holder[registryKey] ??= new Map()
  const { serverUrl, issuer, audience, appUrl, serverTimeoutMs, frontendSecret, verifierSecret } = config
  const key = JSON.stringify([
    serverUrl,
    issuer,
    audience,
    appUrl,
    serverTimeoutMs,
    frontendSecret,
    verifierSecret,
  ])
  let connection = holder[registryKey].get(key)
  if (connection === undefined) {
    const server = createIssuer(config)
    connection = { issuer: server, verifier: createPageVerifier(config), refresh: createRefresher(server) }
    holder[registryKey].set(key, connection)
  }
  return { config, ...connection }
}
