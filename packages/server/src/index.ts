import { randomBytes } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cookieNames, type User } from '@sallyport/protocol'
import { createVerifier } from '@sallyport/verify'
import { type Config, readConfig, type SallyportOptions } from './config/config.ts'
import { createHashGate } from './credentials/hash-gate.ts'
import { createPasswords } from './credentials/password.ts'
import type { Context } from './flows/context.ts'
import { purge } from './flows/purge.ts'
import { requireReadiness } from './flows/readiness.ts'
import { createUser, type NewUser } from './flows/register.ts'
import { openRevocationHub } from './flows/revocation-hub.ts'
import { loadSigningKeys } from './flows/signing-keys.ts'
import { toUser } from './flows/to-user.ts'
import { type Connection, createApp } from './http/app.ts'
import { createLog, logFault, type RequestLog } from './http/request-log.ts'
import { type Database, migrate, openDatabase } from './store/database.ts'
import { findUserByEmail } from './store/user.ts'
import { newId, type RandomBytes } from './tokens/id.ts'
import { createRefreshTokens } from './tokens/refresh-token.ts'

export { type Config, optionsFromEnvironment, readConfig, type SallyportOptions } from './config/config.ts'
export { settings } from './config/settings.ts'

/** What tests and hosts pass in; everything has a real default. */
export type Dependencies = {
  /** Milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
  /** For ids and salts. Default: the system's generator. */
  randomBytes?: RandomBytes
  /** A pino logger. Default: JSON lines on standard output, at `logLevel`. */
  log?: RequestLog
}

/** The auth server. */
export type Sallyport = {
  config: Config
  log: RequestLog
  /** Answers one request; mount it wherever a `fetch` handler fits. */
  fetch(request: Request, env?: { connection?: Connection }): Response | Promise<Response>
  /** Rejects unless this process can issue tokens right now. */
  ready(): Promise<void>
  /** Creates a user without signing in: for seeds and operators. */
  createUser(user: NewUser): Promise<User>
  /** Whether somebody has this address: for seeds and operators, never for a request. */
  hasUser(email: string): Promise<boolean>
  /** Ends the revocation streams, which would not end by themselves; requests are still answered. */
  endStreams(): void
  /** Ends the streams and closes the database. Requests under way fail: let them finish first. */
  close(): Promise<void>
}

/** Milliseconds between two sweeps of what has ended. */
const purgeEveryMs = 60_000

/**
 * Starts an auth server in this process: opens and migrates the database, loads or makes the signing key.
 *
 * @throws TypeError when a setting is missing or wrong, with one line for each that says how to mend it.
 * @example
 * const sallyport = await createSallyport(optionsFromEnvironment(process.env))
 * const answer = await sallyport.fetch(new Request('http://localhost:4000/healthz'))
 */
export async function createSallyport(
  options: SallyportOptions,
  dependencies: Dependencies = {},
): Promise<Sallyport> {
  const config = readConfig(options)
  const log = dependencies.log ?? createLog(config.logLevel)
  const database = openDatabase(databaseFile(config.dataDir))
  try {
    await migrate(database)
    const context = await createContext(config, database, dependencies)
    const app = createApp(context, log)
    const sweep = () => purge(context).catch((error: unknown) => logFault(log, { route: 'purge' }, error))
    const sweeper = setInterval(sweep, purgeEveryMs)
    sweeper.unref()
    return {
      config,
      log,
      fetch: (request, env) => app.fetch(request, env),
      ready: () => requireReadiness(context),
      createUser: async (user) => toUser(await createUser(context, user)),
      hasUser: async (email) => (await findUserByEmail(database, email)) !== null,
      endStreams: () => context.revocations.close(),
      async close() {
        clearInterval(sweeper)
        context.revocations.close()
        context.verifier.close()
        await database.destroy()
      },
    }
  } catch (error) {
    await database.destroy()
    throw error
  }
}

async function createContext(
  config: Config,
  database: Database,
  dependencies: Dependencies,
): Promise<Context> {
  const { clock = Date.now, randomBytes: random = randomBytes } = dependencies
  const { issuer, origins, cookieDomain: domain } = config
  const signingKeys = await loadSigningKeys(database, config.secret, clock())
  const revocations = await openRevocationHub(database, clock)
  const gate = createHashGate({ concurrency: config.hashConcurrency, queueLength: config.hashQueueLength })
  const [audience = ''] = config.audience
  return {
    config,
    database,
    clock,
    signingKeys,
    revocations,
    passwords: await createPasswords(gate, {
      memoryKibibytes: config.hashMemoryKibibytes,
      iterations: config.hashIterations,
      parallelism: 1,
    }),
    refreshTokens: createRefreshTokens(config.secret),
    verifier: createVerifier({
      issuer,
      audience,
      keySet: signingKeys.keySet,
      revocations: revocations.set,
      cookies: [cookieNames({ secure: issuer.startsWith('https:'), domain }).accessToken],
      origins,
      clock,
    }),
    newId: () => newId(clock(), random),
    newSalt: () => random(16).toString('base64url'),
  }
}

function databaseFile(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    accessSync(dataDir, constants.W_OK | constants.X_OK)
  } catch {
    throw new TypeError(
      `The data folder ${dataDir} cannot be written. Make it writable, or set DATA_DIR to one that is.`,
    )
  }
  return join(dataDir, 'sallyport.db')
}
