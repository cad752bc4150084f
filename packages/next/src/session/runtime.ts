import type { Configuration } from '../config/configuration.ts'
import type { Connection } from './connection.ts'
import { connectCustom } from './custom/connect.ts'
import { createIssuer } from './issuer.ts'
import { isOutOfDate } from './out-of-date.ts'
import { createRefresher } from './refresh.ts'
import { createPageVerifier } from './verifier.ts'

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
  const { custom, serverUrl, issuer, audience, appUrl, serverTimeoutMs, frontendSecret, verifierSecret } =
    config
  const key = JSON.stringify([
    custom !== null,
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
    connection = custom ? connectCustom(custom, config) : connect(config)
    holder[registryKey].set(key, connection)
  }
  return { config, ...connection }
}

function connect(config: Configuration): Connection {
  warnOfMissing(config)
  const issuer = createIssuer(config)
  return {
    issuer,
    verifier: createPageVerifier(config),
    refresh: createRefresher(issuer),
    asksForRenewal: isOutOfDate,
  }
}

/** Only while developing: in production they have been asked for. */
function warnOfMissing({ frontendSecret, verifierSecret }: Configuration): void {
  const missing = [
    ...(frontendSecret === null ? ['SALLYPORT_FRONTEND_SECRET'] : []),
    ...(verifierSecret === null ? ['SALLYPORT_VERIFIER_SECRET'] : []),
  ]
  if (missing.length > 0)
    console.warn(
      `Sallyport: ${missing.join(' and ')} not set. That is for development on localhost only: in production these pages do not run without.`,
    )
}
