import { createVerifier } from '@sallyport/verify'
import { onTestFinished } from 'vitest'
import { type AuthOptions, readConfig } from '../../packages/next/src/config/config.ts'
import { createAuthServerClient } from '../../packages/next/src/session/auth-server-client.ts'
import { createRefresher } from '../../packages/next/src/session/refresh.ts'
import type { Runtime } from '../../packages/next/src/session/runtime.ts'
import { frontendSecret, type TestServer, testOptions } from '../../packages/server/src/testing/sallyport.ts'

type Server = Pick<TestServer, 'sallyport' | 'clock'>

/** Returns a `fetch` that reaches only this auth server. */
export function fetchFrom({ sallyport }: Pick<Server, 'sallyport'>): typeof fetch {
  return async (input, init) =>
    sallyport.fetch(new Request(input, init), { connection: { remoteAddress: '127.0.0.1' } })
}

/** Starts the SDK as in a Next process of its own: it shares no memory with another, and knows only the responses of the auth server. */
export function startNextProcess(
  server: Server,
  { fetchImpl = fetchFrom(server), options = {} }: { fetchImpl?: typeof fetch; options?: AuthOptions } = {},
): Runtime {
  const defaults = { server: testOptions.issuer, audience: 'billing-web', app: testOptions.origins }
  const config = readConfig({ ...defaults, frontendSecret, ...options }, {})
  const { issuer, audience } = config
  const authServer = createAuthServerClient(config, fetchImpl)
  const verifier = createVerifier({ issuer, audience, fetch: fetchImpl, clock: server.clock })
  onTestFinished(() => verifier.close())
  return {
    config,
    authServer,
    verifier,
    refresh: createRefresher(authServer),
    organizations: null,
    asksForRenewal: () => false,
  }
}
