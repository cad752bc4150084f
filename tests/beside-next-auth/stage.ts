import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser } from 'playwright-core'
import { createSallyport, optionsFromEnvironment, type Sallyport } from '../../packages/server/src/index.ts'
import { createBell } from '../system/bell.ts'
import { launchBrowser } from '../system/browser.ts'
import { type System, startSystem } from '../system/system.ts'
import { startUnreliableFront, type UnreliableFront } from '../system/unreliable-front.ts'
import { buildBeside, buildMigrated } from './apps.ts'
import { openSessions, secret } from './people.ts'

/** Both apps, on two ports of one host. So a browser sends its cookies to both, as if one app were the next deployment of the other. */
export type Stage = {
  system: System
  browser: Browser
  operator: Sallyport['operator']
  sessions: ReturnType<typeof openSessions>
  /** The hop between the pages and the auth server. */
  hop: UnreliableFront
  /** The environment of the pages. */
  env: Record<string, string>
  besideUrl: string
  migratedUrl: string
  /** Starts the same example with its routes below another path. */
  serveAt(path: string): Promise<{ url: string; stop(): Promise<void> }>
  close(): Promise<void>
}

export async function startStage(): Promise<Stage> {
  // The builds run one after the other, because each build uses both cores.
  const besideApp = await buildBeside()
  const migratedApp = await buildMigrated()
  const [system, browser] = await Promise.all([startSystem({ web: null }), launchBrowser()])
  const server = await createSallyport({ ...optionsFromEnvironment(system.authEnv), logLevel: 'silent' })
  const sessions = openSessions(system.dataDir)
  const hop = await startUnreliableFront(system.authUrl, createBell())
  const env = {
    NEXTAUTH_SECRET: secret,
    SALLYPORT_URL: hop.url,
    SALLYPORT_ISSUER: system.authUrl,
    SALLYPORT_AUDIENCE: 'billing-web',
    SALLYPORT_FRONTEND_SECRET: system.authEnv.SALLYPORT_FRONTEND_SECRET ?? '',
    SALLYPORT_VERIFIER_SECRET: system.authEnv.SALLYPORT_VERIFIER_SECRET ?? '',
    API_URL: system.apiUrl,
    TRUSTED_PROXY_HOPS: '1',
  }
  const [beside, migrated] = await Promise.all([besideApp.serve(env), migratedApp.serve(env)])
  return {
    system,
    browser,
    operator: server.operator,
    sessions,
    hop,
    env,
    besideUrl: beside.url,
    migratedUrl: migrated.url,
    serveAt: (path) => besideApp.serve({ ...env, NEXTAUTH_PATH: path }),
    async close() {
      await Promise.all([browser.close(), beside.stop(), migrated.stop(), hop.close(), server.close()])
      sessions.close()
      await system.stop()
      besideApp.remove()
      migratedApp.remove()
    },
  }
}

/** Starts a server of another site, with one page that has one link. */
export async function startElsewhere(to: string): Promise<{ url: string; close(): void }> {
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="${to}">go</a>`),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { url: `http://other.test:${port}`, close: () => void server.close() }
}
