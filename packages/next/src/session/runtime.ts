import type { Verifier } from '@sallyport/verify'
import type { Configuration } from '../config/configuration.ts'
import { createIssuer, type Issuer } from './issuer.ts'
import { createRefresher, type Refresher } from './refresh.ts'
import { createPageVerifier } from './verifier.ts'

/** What one process holds for one configuration. */
export type Runtime = { config: Configuration; issuer: Issuer; verifier: Verifier; refresh: Refresher }

const registryKey = Symbol.for('sallyport.next.runtimes')

/**
 * The runtime of a configuration. Next bundles the proxy, pages and handlers apart from each other, so a module-level variable
 * would exist once in each; one registry on the process gives them one memory of keys, revocations and refreshes.
 */
export function runtimeFor(config: Configuration): Runtime {
  const registry = ((globalThis as Record<symbol, unknown>)[registryKey] ??= new Map()) as Map<
    string,
    Runtime
  >
  const key = JSON.stringify([
    config.serverUrl,
    config.issuer,
    config.audience,
    config.appUrl,
    config.frontendSecret,
    config.verifierSecret,
  ])
  const known = registry.get(key)
  if (known) return known
  const issuer = createIssuer(config)
  const runtime = { config, issuer, verifier: createPageVerifier(config), refresh: createRefresher(issuer) }
  registry.set(key, runtime)
  return runtime
}
