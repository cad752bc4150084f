import { type Config, readConfig, type SallyportOptions } from './config/config.ts'
import { createContext, type HostOptions } from './create-context.ts'
import { requireCommonPasswords } from './credentials/common-passwords.ts'
import { readCustomizations } from './customizations.ts'
import { createOperator, type Operator } from './flows/operator/operator.ts'
import { requireReadiness } from './flows/operator/readiness.ts'
import { findLargeRoleSets } from './flows/operator/stored-roles.ts'
import { maxClaimBytes } from './flows/session/added-claims.ts'
import { type Connection, createApp } from './http/app.ts'
import { wholeFetch } from './http/light-answer.ts'
import { createLog, type RequestLog } from './http/request-log.ts'
import { addressOf, migrateStore } from './open-database.ts'
import { providersOf } from './providers/providers-of.ts'
import type { Context } from './services/context.ts'
import { requireRolesThatFit, rolesWithLittleRoom } from './services/token-size.ts'
import { TookTooLong, withinTime } from './services/within-time.ts'
import { openStore } from './store/database.ts'
import { startUpkeep } from './upkeep.ts'

/** The auth server. */
export type Sallyport = {
  /** All settings, checked and with their defaults. */
  config: Config
  /** The log of this server. */
  log: RequestLog
  /** The migrations that were applied at the start. Empty if the database was up to date. */
  migrations: readonly string[]
  /** Answers one request. Use this function wherever a `fetch` handler can be used. */
  fetch(request: Request, env?: { connection?: Connection }): Response | Promise<Response>
  /** Rejects if this process cannot issue tokens now. */
  ready(): Promise<void>
  /** Functions for operators: users, sessions, keys and more. No HTTP request can call them. */
  operator: Operator
  /**
   * Runs the maintenance that also runs every minute. The maintenance deletes expired rows and accounts that are due for deletion, reads
   * the signing keys again, sends mails, and repeats failed calls of the hook `afterSignUp`.
   */
  upkeep(): Promise<void>
  /**
   * Ends the streams of revocations (`GET /api/auth/revocations`), because such a stream does not end by itself. Requests are still
   * answered.
   */
  endStreams(): void
  /** Ends the streams and closes the database. Open requests then fail, so wait until they are finished. */
  close(): Promise<void>
}

/**
 * Starts an auth server in this process. Opens and migrates the database, and loads or creates the signing keys.
 *
 * @throws TypeError when a setting is missing or wrong, when the database cannot be used, or when the list of common passwords is missing.
 * The message says how to fix it.
 * @example
 * const sallyport = await createSallyport(optionsFromEnvironment(process.env))
 * const answer = await sallyport.fetch(new Request('http://localhost:4000/healthz'))
 */
export async function createSallyport(
  options: SallyportOptions,
  hostOptions: HostOptions = {},
): Promise<Sallyport> {
  const customizations = readCustomizations(hostOptions)
  const config = readConfig(options, customizations)
  const providers = providersOf(config, customizations.providers)
  requireRolesThatFit(config)
  requireCommonPasswords()
  const log = hostOptions.log ?? createLog(config.logLevel)
  const address = addressOf(config)
  const migrations = await migrateStore(address, log)
  const store = openStore(address)
  const { database } = store
  try {
    const context = await createContext(config, store, { ...hostOptions, ...customizations, providers }, log)
    await warnOfLargeTokens(context, log)
    const app = createApp(context, log)
    const fetch = wholeFetch((request, env?: { connection?: Connection }) => app.fetch(request, env))
    for (const name of config.missingCredentials)
      log.warn(
        { setting: name },
        `${name} is not set. This is accepted only in development on localhost. In production, the server does not start without it.`,
      )
    if (config.passkeysOffBecause !== null)
      log.info({ reason: `passkeys are off ${config.passkeysOffBecause}` }, 'passkeys are off')
    const upkeep = startUpkeep(context, log)
    return {
      config,
      log,
      migrations,
      fetch,
      ready: () => requireReadiness(context),
      operator: createOperator(context),
      upkeep: upkeep.run,
      endStreams: () => context.revocations.close(),
      async close() {
        upkeep.stop()
        await waitBriefly(Promise.all(context.underWay))
        await context.mailer.close()
        context.revocations.close()
        context.verifier.close()
        await waitBriefly(database.destroy())
      },
    }
  } catch (error) {
    await database.destroy()
    throw error
  }
}

/**
 * Logs, at the start, the stored combinations of roles that are too large for a token. Such combinations exist if a setting has changed, or
 * if an older version stored them. So operators see the problem before a user with these roles signs in. If the app has a `claims` hook,
 * also warns of each role whose token has little room left for added claims.
 */
async function warnOfLargeTokens(context: Context, log: RequestLog): Promise<void> {
  for (const set of await findLargeRoleSets(context)) log.error(set, 'token too large')
  if (context.hooks.claims === undefined) return
  for (const { role, left } of rolesWithLittleRoom(context.config, maxClaimBytes))
    log.warn(
      { role, left, reason: `the role ${role} leaves ${Math.max(0, left)} bytes` },
      'little room in the token for the claims hook',
    )
}

/**
 * Waits for `work`, but at most three seconds, because the server must also stop if the database does not answer or a hook does not end.
 */
async function waitBriefly(work: Promise<unknown>): Promise<void> {
  await withinTime(3_000, () => work).catch((error: unknown) => {
    if (!(error instanceof TookTooLong)) throw error
  })
}
