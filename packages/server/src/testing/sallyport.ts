import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { organizationPermissions } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import SqliteDatabase from 'better-sqlite3'
import { pino } from 'pino'
import { inject, onTestFinished } from 'vitest'
import { type Customizations, createSallyport, type Sallyport, type SallyportOptions } from '../index.ts'
import { asPromised } from './promised.ts'
import { temporaryFolder } from './temporary-folder.ts'

export const origin = 'http://localhost:3000'
export const password = 'open the second door'
export const verifierSecret = 'verifier-9XfTq2LmZr7VbNc4KwHs8PdY'
export const frontendSecret = 'frontend-4GhJk8TnWdRyUiMp2ZlCsBgM'
/** This secret is not in the options below. A server without it has no `/metrics`, and most tests need none. */
export const metricsSecret = 'metrics-8KdPq2VnZrXc7LmWtYbHs4Gj'

/** The settings of every test server: the cheapest password hash, and defaults. */
export const testOptions = {
  secret: 'server-7RtYh3NbVc9XzLk5JhGf2DsAqW',
  issuer: 'http://localhost:4000',
  audience: 'billing-api,billing-web',
  origins: origin,
  frontendSecrets: frontendSecret,
  verifierSecrets: verifierSecret,
  dataDir: '.data',
  emailVerification: 'off',
  hashMemoryKibibytes: 8_192,
  hashIterations: 1,
  rolePermissions: { member: ['invoice:read'], finance: [], owner: [], admin: [] },
} satisfies SallyportOptions

/** The settings that allow organizations. The owner has every permission that the server requires. */
export const withOrganizations = {
  organizations: 'on',
  rolePermissions: { owner: [...organizationPermissions], member: ['invoice:read'] },
} satisfies SallyportOptions

/** A clock that changes only when the test changes it. */
export type FrozenClock = { (): number; now: number; advance(seconds: number): void }

export function frozenClock(now = Date.UTC(2026, 0, 1)): FrozenClock {
  const clock = Object.assign(() => clock.now, {
    now,
    advance(seconds: number): void {
      clock.now += seconds * 1000
    },
  })
  return clock
}

/** Returns a log that writes its lines to a list. */
export function recordingLog() {
  const lines: string[] = []
  return {
    lines,
    log: pino({ level: 'debug', base: null }, { write: (line: string) => void lines.push(line) }),
  }
}

/** A body that is a stream requires the member `duplex` (fetch standard), which is missing in the DOM's type. */
type TestRequest = RequestInit & { duplex?: 'half' }

export type TestServer = Awaited<ReturnType<typeof startSallyport>>

/** Starts a server with its own database and a frozen clock. The server closes at the end of the test. */
export async function startSallyport(
  options: SallyportOptions = {},
  clock: FrozenClock = frozenClock(),
  customizations: Customizations = {},
) {
  const dataDir = (options.dataDir as string | undefined) ?? (options.databaseUrl ? '' : temporaryFolder())
  // Copy a migrated database, because a copy takes a tenth of the time of a migration.
  if (dataDir !== '' && !existsSync(join(dataDir, 'sallyport.db')))
    copyFileSync(inject('migratedFile'), join(dataDir, 'sallyport.db'))
  const { lines, log } = recordingLog()
  const sallyport = await createSallyport(
    { ...testOptions, ...options, ...(dataDir && { dataDir }) },
    { clock, log, ...customizations },
  )
  onTestFinished(() => sallyport.close())
  const { issuer, userFields } = sallyport.config

  const fetch = async (path: string, init: TestRequest = {}, remoteAddress?: string) => {
    const request = new Request(issuer + path, init)
    return asPromised(request, await sallyport.fetch(request, { connection: { remoteAddress } }), userFields)
  }
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  return {
    sallyport,
    clock,
    dataDir,
    logLines: lines,
    fetch,
    /** Sends a request like a client with a bearer token: without an origin and without cookies. */
    post,
    get: (path: string, headers: Record<string, string> = {}) => fetch(path, { headers }),
    addUser: (email = 'ada@example.com') => sallyport.operator.users.create({ email, password, name: 'Ada' }),
    async signIn(email = 'ada@example.com'): Promise<BearerSession> {
      const answer = await post(paths.signIn, { email, password, transport: 'bearer' })
      return requireTokens(answer)
    },
    refresh: (refreshToken: string) => post(paths.refresh, { refreshToken }),
    session: (accessToken: string) => fetch(paths.readSession, { headers: bearer(accessToken) }),
    introspect: (token: string) => post(paths.introspect, { token }, bearer(verifierSecret)),
    browser: () => new TestBrowser(sallyport),
    /** Reads all rows of a table through a different connection. */
    rows<T = Record<string, unknown>>(table: string): T[] {
      return withDatabase(dataDir, (database) => database.prepare(`select * from "${table}"`).all() as T[])
    },
    /** Runs a statement through a different connection. */
    execute: (statement: string) => withDatabase(dataDir, (database) => void database.exec(statement)),
  }
}

function withDatabase<T>(dataDir: string, work: (database: SqliteDatabase.Database) => T): T {
  const database = new SqliteDatabase(join(dataDir, 'sallyport.db'))
  try {
    return work(database)
  } finally {
    database.close()
  }
}

export type BearerSession = { accessToken: string; refreshToken: string; expiresIn: number }

/** Returns the tokens of a response. Throws if the response is not successful. */
export async function requireTokens(answer: Response): Promise<BearerSession> {
  const body: unknown = await answer.json()
  if (answer.status !== 200) throw new Error(`${answer.status}: ${JSON.stringify(body)}`)
  return body as BearerSession
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

/** Returns the claims of a token. Does not verify the token. */
export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

/** A browser that shows a page of an allowed origin. It has cookies and sends the headers of a browser. */
export class TestBrowser {
  readonly jar = new Map<string, string>()
  readonly #sallyport: Sallyport

  constructor(sallyport: Sallyport) {
    this.#sallyport = sallyport
  }

  async send(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const [page = ''] = this.#sallyport.config.origins
    const request = new Request(this.#sallyport.config.issuer + path, {
      method,
      headers: {
        ...(cookie && { cookie }),
        ...(method !== 'GET' && { origin: page, 'content-type': 'application/json' }),
        'sec-fetch-site': 'same-origin',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = await asPromised(
      request,
      await this.#sallyport.fetch(request),
      this.#sallyport.config.userFields,
    )
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/Max-Age=0(?:;|$)/.test(line)) this.jar.delete(name)
      else this.jar.set(name, value)
    }
    return answer
  }

  get = (path: string) => this.send('GET', path)
  post = (path: string, body: unknown = {}, headers: Record<string, string> = {}) =>
    this.send('POST', path, body, headers)
  signIn = (email = 'ada@example.com') => this.post(paths.signIn, { email, password })
}
