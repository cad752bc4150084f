import type { Verifier } from '@sallyport/verify'
import type { Config } from '../config/config.ts'
import type { CustomIssuer } from '../config/custom-issuer.ts'
import { createAuthServerClient } from './auth-server-client.ts'
import type { Connection } from './connection.ts'
import { type ConnectionConfig, connectionConfigOf } from './connection-config.ts'
import { type BackendMemory, createBackendMemory } from './custom/backend-memory.ts'
import { connectCustom } from './custom/connect.ts'
import { createOrganizationTokens } from './organization-tokens.ts'
import { createRefresher } from './refresh.ts'
import { isRenewable } from './renewable.ts'
import { createPageVerifier } from './verifier.ts'

/** A config and its connection. Other configs may use the same connection. */
export type Runtime = Connection & { config: Config }

type SharedConnection = Connection & { verifier: Verifier }

const registryKey = Symbol.for('sallyport.next.connections')

type Registry = { connections: Map<string, SharedConnection>; memories: Map<string, BackendMemory> }

/**
 * Returns the runtime of a config. Next bundles the proxy, pages and handlers separately, so each bundle would have its own copy of a
 * module-level variable. For this reason the registry is on `globalThis`. So all bundles share keys, revocations and refreshes.
 *
 * The functions of a custom issuer cannot be compared, so each config with a custom issuer has its own connection. But these connections
 * share one {@link BackendMemory}.
 */
export function runtimeFor(config: Config): Runtime {
  const holder = globalThis as { [registryKey]?: Registry }
  holder[registryKey] ??= { connections: new Map(), memories: new Map() }
  const { connections, memories } = holder[registryKey]
  const { custom, serverUrl, appUrl } = config
  if (custom !== null) {
    const key = JSON.stringify([serverUrl, appUrl])
    if (!memories.has(key)) warnOfOneProcess(custom)
    const memory = memories.get(key) ?? createBackendMemory()
    memories.set(key, memory)
    return { config, ...connectCustom(custom, config, memory) }
  }
  const connectionConfig = connectionConfigOf(config)
  const key = JSON.stringify(connectionConfig)
  const connection = connections.get(key) ?? connect(connectionConfig)
  connections.set(key, connection)
  // The definition is no part of the connection. Otherwise a proxy without it would not share the refreshes of the pages.
  const { access } = config
  const verifier = access === undefined ? connection.verifier : connection.verifier.withAccess(access)
  return { config, ...connection, verifier }
}

function connect(connectionConfig: ConnectionConfig): SharedConnection {
  warnOfMissing(connectionConfig)
  const authServer = createAuthServerClient(connectionConfig)
  return {
    authServer,
    verifier: createPageVerifier(connectionConfig),
    refresh: createRefresher(authServer),
    organizations: createOrganizationTokens(authServer),
    asksForRenewal: isRenewable,
  }
}

/** Warns about missing secrets. This happens only in development, because in production missing secrets are an error. */
function warnOfMissing({ frontendSecret, verifierSecret }: ConnectionConfig): void {
  const missing = [
    ...(frontendSecret === null ? ['SALLYPORT_FRONTEND_SECRET'] : []),
    ...(verifierSecret === null ? ['SALLYPORT_VERIFIER_SECRET'] : []),
  ]
  if (missing.length > 0)
    console.warn(
      `Sallyport: ${missing.join(' and ')} not set. This is allowed only in development on localhost. In production, a missing secret is an error.`,
    )
}

/**
 * Warns if refreshes are coordinated only within this process. Most custom backends accept each refresh token only once, and there may be
 * other instances.
 */
function warnOfOneProcess({ refresh, refreshStore }: CustomIssuer): void {
  if (refresh === undefined || refreshStore !== undefined || process.env.NODE_ENV !== 'production') return
  console.warn(
    'Sallyport, customIssuer: refreshes are coordinated within this process only. With several instances and a backend that accepts each refresh token only once, users are signed out. Set `refreshStore` (docs/existing-backends.md), or `refreshStore: false` if there is only one instance.',
  )
}
