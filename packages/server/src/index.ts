import { randomBytes } from 'node:crypto'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { User } from '@sallyport/protocol'
import { createVerifier } from '@sallyport/verify'
import { type Config, readConfig, type SallyportOptions } from './config/config.ts'
import { createHashGate } from './credentials/hash-gate.ts'
import { createPasswords } from './credentials/password.ts'
import type { Context } from './flows/context.ts'
import { purge } from './flows/purge.ts'
import { createUser, type NewUser } from './flows/register.ts'
import { openRevocationHub } from './flows/revocation-hub.ts'
import { loadSigningKeys } from './flows/signing-keys.ts'
import { toUser } from './flows/to-user.ts'
import { type Connection, createApp } from './http/app.ts'
import { createLog, type RequestLog } from './http/request-log.ts'
import { migrate, openDatabase } from './store/database.ts'
import { findUserByEmail } from './store/user.ts'
import { newId } from './tokens/id.ts'
import { createRefreshTokens } from './tokens/refresh-token.ts'

export {
  type Config,
  optionsFromEnvironment,
  readConfig,
  type SallyportOptions,
  settings,
} from './config/config.ts'

/** What tests pass in; everything has a real default. */
export type Dependencies = { clock?: () => number; log?: RequestLog }

/** The auth server. */
export type Sallyport = {
  config: Config
  /** Answers one request; mount it wherever a `fetch` handler fits. */
  fetch(request: Request, env?: { connection?: Connection }): Response | Promise<Response>
  /** Creates a user without signing in: for seeds and operators. */
  createUser(user: NewUser): Promise<User>
  /** Whether somebody has this address: for seeds and operators, never for a request. */
  hasUser(email: string): Promise<boolean>
  /** Ends the streams and closes the database. */
  close(): Promise<void>
}

/** Milliseconds between two sweeps of what has expired. */
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
  const clock = dependencies.clock ?? Date.now
  const log = dependencies.log ?? createLog(config.logLevel)
  const database = openDatabase(databaseFile(config.dataDir))
  try {
    await migrate(database)
    const [signingKeys, revocations] = [
      await loadSigningKeys(database, config.secret, clock()),
      await openRevocationHub(database, clock),
    ]
    const gate = createHashGate({ concurrency: config.hashConcurrency, queueLength: config.hashQueueLength })
    const [audience = ''] = config.audience
    const context: Context = {
      config,
      database,
      clock,
      signingKeys,
      revocations,
      passwords: createPasswords(gate, {
        memoryKibibytes: config.hashMemoryKibibytes,
        iterations: config.hashIterations,
        parallelism: 1,
      }),
      refreshTokens: createRefreshTokens(config.secret),
      verifier: createVerifier({
        issuer: config.issuer,
        audience,
        keySet: signingKeys.keySet,
        revocations: revocations.set,
        origins: config.origins,
        clock,
      }),
      newId: () => newId(clock()),
      newSalt: () => randomBytes(16).toString('base64url'),
    }
    const app = createApp(context, log)
    const sweeper = setInterval(
      () => void purge(context).catch((error: unknown) => log.error({ error: String(error) }, 'purge')),
      purgeEveryMs,
    )
    sweeper.unref()
    return {
      config,
      fetch: (request, env) => app.fetch(request, env),
      createUser: async (user) => toUser(await createUser(context, user)),
      hasUser: async (email) => (await findUserByEmail(database, email)) !== null,
      async close() {
        clearInterval(sweeper)
        revocations.close()
        context.verifier.close()
        await database.destroy()
      },
    }
  } catch (error) {
    await database.destroy()
    throw error
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
