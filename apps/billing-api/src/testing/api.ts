import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { createVerifier } from '@sallyport/verify'
import type { Express } from 'express'
import { access } from '../../../billing-auth/access.ts'
import { createApp } from '../app.ts'
import { type Database, openDatabase } from '../database/database.ts'
import { createHttpServer } from '../http/server.ts'
import { listen } from '../listen.ts'
import { createLogger } from '../logger.ts'
import { seed } from '../sample-data/seed.ts'
import { type Caller, type Issuer, startIssuer } from './issuer.ts'

/** The time of the sample data and of the tests' clock. */
export const testNow = Date.UTC(2026, 2, 14, 12)

/** The API as in `main.ts`, with its own database file and a fixed clock. */
export type TestApi = {
  url: string
  app: Express
  server: Server
  database: Database
  databaseFile: string
  issuer: Issuer
  /** The lines that have been logged so far. */
  log: string[]
  /** Moves the clock. */
  setNow(time: number): void
  /** Sends a request as `caller`. If `caller` is null, the request is anonymous. */
  ask(caller: Caller | null, path: string, init?: RequestInit): Promise<Response>
  /** Sends a request with a JSON body. */
  post(
    caller: Caller | null,
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>
  close(): Promise<void>
}

/** @param shared an API that is already running. The new API uses its issuer and its database file, as a second process would. */
export async function startApi(shared?: TestApi): Promise<TestApi> {
  const folder = shared ? null : mkdtempSync(join(tmpdir(), 'billing-api-'))
  const databaseFile = shared?.databaseFile ?? join(folder ?? '', 'billing.db')
  const issuer = shared?.issuer ?? (await startIssuer())
  const database = openDatabase(databaseFile)
  seed(database, { now: testNow })
  let now = testNow
  const log: string[] = []
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(chunk.toString())
      done()
    },
  })
  const verifier = createVerifier({
    issuer: issuer.url,
    audience: 'billing-api',
    access,
    feed: { credential: issuer.verifierSecret },
    cookies: [],
  })
  const app = createApp({ database, verifier, logger: createLogger('info', destination), clock: () => now })
  const server = createHttpServer(app)
  const url = await listen(server, { host: '127.0.0.1', port: 0 })
  await verifier.ready()

  const ask: TestApi['ask'] = (caller, path, init = {}) => {
    const headers = new Headers(init.headers)
    if (caller) headers.set('authorization', `Bearer ${issuer.token(caller)}`)
    return fetch(url + path, { ...init, headers, redirect: 'manual' })
  }
  return {
    url,
    app,
    server,
    database,
    databaseFile,
    issuer,
    log,
    setNow: (time) => {
      now = time
    },
    ask,
    post: (caller, path, body, headers = {}) =>
      ask(caller, path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      verifier.close()
      database.close()
      if (folder !== null) {
        await issuer.close()
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}
