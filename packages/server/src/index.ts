import { randomBytes } from 'node:crypto'
import { cookieNames } from '@sallyport/protocol'
import { isOriginPattern } from '@sallyport/protocol/allowed-origins'
import { createVerifier } from '@sallyport/verify'
import { type Config, readConfig, type SallyportOptions } from './config/config.ts'
import { createBreachQuery } from './credentials/breached.ts'
import { requireCommonPasswords } from './credentials/common-passwords.ts'
import { foreignHashesOf } from './credentials/foreign-settings.ts'
import { createHashGate } from './credentials/hash-gate.ts'
import { createPasswords } from './credentials/password.ts'
import { type Extensions, readExtensions } from './extensions.ts'
import { deleteDueAccounts } from './flows/account/delete-account.ts'
import { createOperator, type Operator } from './flows/operator/operator.ts'
import { purge } from './flows/operator/purge.ts'
import { requireReadiness } from './flows/operator/readiness.ts'
import { findLargeRoleSets } from './flows/operator/stored-roles.ts'
import { mostClaimBytes } from './flows/session/added-claims.ts'
import { endReasons } from './flows/session/end-session.ts'
import { retryAfterSignUp } from './flows/sign-in/after-sign-up.ts'
import { type Connection, createApp } from './http/app.ts'
import { wholeFetch } from './http/light-answer.ts'
import {
  createLog,
  logFault,
  logFaultWithoutWords,
  type RequestLog,
  restoredStoreLog,
} from './http/request-log.ts'
import { openSmtp } from './mail/smtp.ts'
import { addressOf, migrateStore } from './open-database.ts'
import type { Context } from './services/context.ts'
import { createMailer } from './services/mailer.ts'
import { noteSecrets, openKeyring } from './services/open-keyring.ts'
import { openRevocationHub } from './services/revocation-hub.ts'
import { openSigningKeys, type SigningKeys } from './services/signing-keys.ts'
import { requireRolesThatFit, rolesWithLittleRoom } from './services/token-size.ts'
import { isUnavailable, openStore, type Store } from './store/database.ts'
import { createMetrics, type Metrics } from './telemetry/metrics.ts'
import { newId, type RandomBytes } from './tokens/id.ts'
import { createRefreshTokens } from './tokens/refresh-token.ts'

export { registerRequestSchema } from '@sallyport/protocol'
export { type BackupResult, type RestoreResult, restoreBackup, writeBackup } from './backup.ts'
export { type Config, optionsFromEnvironment, readConfig, type SallyportOptions } from './config/config.ts'
export { settings } from './config/settings.ts'
export type { UserField, UserFieldValues } from './config/user-fields.ts'
export { defineConfig, type SallyportConfig, splitConfig } from './define-config.ts'
export type { Extensions } from './extensions.ts'
export { createLog } from './http/request-log.ts'
export { type Html, html, trustedHtml } from './mail/html.ts'
export type { MailData, MailKind, OwnMail, OwnTemplates } from './mail/own-templates.ts'
export { type MoveResult, moveStore } from './move.ts'
export { FlowError } from './services/flow-error.ts'
export type { HookCall, Hooks, HookUser, SignUpAttempt, SignUpRefusal } from './services/hooks.ts'
export { isUnavailable } from './store/database.ts'

/** What tests and hosts pass in; everything has a real default. What a product adds in code stands here too. */
export type Dependencies = Extensions & {
  /** Milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
  /** For ids and salts. Default: the system's generator. */
  randomBytes?: RandomBytes
  /** A pino logger. Default: JSON lines on standard output, at `logLevel`. */
  log?: RequestLog
}

/** The auth server. */
export type Sallyport = {
  /** The settings, checked and complete. */
  config: Config
  /** Its log. */
  log: RequestLog
  /** The migrations that were applied to open the database; none where it was up to date. */
  migrations: readonly string[]
  /** Answers one request; mount it wherever a `fetch` handler fits. */
  fetch(request: Request, env?: { connection?: Connection }): Response | Promise<Response>
  /** Rejects unless this process can issue tokens right now. */
  ready(): Promise<void>
  /** What an operator may do, and no request: users, sessions, keys. */
  operator: Operator
  /** What is done once a minute: drops what has ended, deletes accounts whose time has come, looks at the keys, sends mail. */
  upkeep(): Promise<void>
  /** Ends the revocation streams, which would not end by themselves; requests are still answered. */
  endStreams(): void
  /** Ends the streams and closes the database. Requests under way fail: let them finish first. */
  close(): Promise<void>
}

/** Milliseconds between two sweeps of what has ended, and two looks at the signing keys. */
const upkeepEveryMs = 60_000

/**
 * Starts an auth server in this process: opens and migrates the database, loads or makes the signing keys.
 *
 * @throws TypeError when a setting is missing or wrong, the database cannot be used, or the list of common passwords is not there, with
 * a line that says how to fix it.
 * @example
 * const sallyport = await createSallyport(optionsFromEnvironment(process.env))
 * const answer = await sallyport.fetch(new Request('http://localhost:4000/healthz'))
 */
export async function createSallyport(
  options: SallyportOptions,
  dependencies: Dependencies = {},
): Promise<Sallyport> {
  const extensions = readExtensions(dependencies)
  const config = readConfig(options, extensions.userFields)
  requireRolesThatFit(config)
  requireCommonPasswords()
  const log = dependencies.log ?? createLog(config.logLevel)
  const address = addressOf(config)
  const migrations = await migrateStore(address, log)
  const store = openStore(address)
  const { database } = store
  try {
    const context = await createContext(config, store, { ...dependencies, ...extensions }, log)
    await warnOfLargeTokens(context, log)
    const app = createApp(context, log)
    const fetch = wholeFetch((request, env?: { connection?: Connection }) => app.fetch(request, env))
    for (const name of config.missingCredentials)
      log.warn(
        { setting: name },
        `${name} is not set. That is for development on localhost only: production does not start without it.`,
      )
    const upkeepWork = {
      'signing keys': () => context.signingKeys.reload(),
      purge: () => purge(context),
      secrets: () => noteSecrets(context),
      'deletion of accounts': () => deleteDueAccounts(context),
      mail: async () => context.mailer.wake(),
      // Last: it takes as long as the product likes.
      'hook afterSignUp': () => retryAfterSignUp(context),
    }
    let pass: Promise<void> | null = null
    /** One at a time: whoever comes meanwhile waits for the one that is under way. */
    function upkeep(): Promise<void> {
      pass ??= keepUp().finally(() => {
        pass = null
      })
      return pass
    }
    async function keepUp(): Promise<void> {
      for (const [name, work] of Object.entries(upkeepWork)) {
        try {
          await work()
        } catch (error) {
          faultIn(name, log, context.metrics)(error)
          // The next would wait for the database just as long. There is another minute.
          if (isUnavailable(error)) return
        }
      }
    }
    const upkeepTimer = setInterval(() => void upkeep(), upkeepEveryMs)
    upkeepTimer.unref()
    return {
      config,
      log,
      migrations,
      fetch,
      ready: () => requireReadiness(context),
      operator: createOperator(context),
      upkeep,
      endStreams: () => context.revocations.close(),
      async close() {
        clearInterval(upkeepTimer)
        await withinSeconds(3, Promise.all(context.underWay))
        await context.mailer.close()
        context.revocations.close()
        context.verifier.close()
        await withinSeconds(3, database.destroy())
      },
    }
  } catch (error) {
    await database.destroy()
    throw error
  }
}

async function createContext(
  config: Config,
  store: Store,
  dependencies: Omit<Dependencies, keyof Extensions> & ReturnType<typeof readExtensions>,
  log: RequestLog,
): Promise<Context> {
  const { clock = Date.now, randomBytes: random = randomBytes, hooks, mails } = dependencies
  const { issuer, origins, cookieDomain: domain } = config
  const { database } = store
  const metrics = createMetrics(endReasons)
  const keyring = await openKeyring(database, config, clock)
  const signingKeys = await openSigningKeys(database, keyring, clock)
  await noteSecrets({ database, keyring, clock })
  const revocations = await openRevocationHub(store, clock, {
    onKeyRevoked: () => reloadKeys(signingKeys, faultIn('signing keys', log, metrics)),
    onSilence: faultIn('revocation log', log, metrics),
  })
  const {
    smtpUrl,
    mailFrom,
    productName,
    appUrl = config.origins.find((one) => !isOriginPattern(one)) ?? issuer,
  } = config
  const mailer = createMailer({
    database,
    keyring,
    sender: { productName, appUrl },
    own: {
      templates: mails,
      timeoutMs: config.hookTimeoutMs,
      // Its message may hold the link.
      onFault: (template, error) => logFaultWithoutWords(log, { route: `mail ${template}` }, error),
    },
    transport: smtpUrl === undefined ? null : openSmtp({ url: smtpUrl, from: mailFrom ?? '' }),
    clock,
    newId: () => newId(clock(), random),
    onWake: () => void mailer.run(faultIn('mail', log, metrics)),
    onSent: () => metrics.countMail('sent'),
    onRefusal: (event) => {
      metrics.countMail(event.state)
      log.warn(event, 'mail')
    },
  })
  const gate = createHashGate({ concurrency: config.hashConcurrency, queueLength: config.hashQueueLength })
  if (config.metricsSecret !== undefined)
    metrics.observe({
      gate: gate.counts,
      feed: () => ({
        readers: revocations.readerCount,
        lagSeconds: revocations.lagMs / 1000,
        live: revocations.set.size,
      }),
      key: () => {
        const { since, until } = signingKeys.times()
        return { ageSeconds: (clock() - since) / 1000, remainingSeconds: (until - clock()) / 1000 }
      },
    })
  const [audience = ''] = config.audience
  return {
    config,
    database,
    clock,
    signingKeys,
    revocations,
    mailer,
    hooks,
    onHookFault: (hook, error) => logFault(log, { route: `hook ${hook}` }, error),
    onLargeToken: (event) => log.error(event, 'token too large'),
    underWay: new Set(),
    randomBytes: random,
    metrics,
    passwords: await createPasswords(
      gate,
      {
        memoryKibibytes: config.hashMemoryKibibytes,
        iterations: config.hashIterations,
        parallelism: 1,
      },
      foreignHashesOf(config),
    ),
    breached:
      config.breachUrl === undefined
        ? null
        : createBreachQuery({
            url: config.breachUrl,
            timeoutMs: config.breachTimeoutMs,
            onFailure: (reason) => log.warn({ reason }, 'breach service'),
          }),
    keyring,
    onRestoredStore: restoredStoreLog(log),
    refreshTokens: createRefreshTokens(keyring),
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

/** Settings have changed, or an older version took any roles: said at the start, and not only when one of those people signs in. */
async function warnOfLargeTokens(context: Context, log: RequestLog): Promise<void> {
  for (const set of await findLargeRoleSets(context)) log.error(set, 'token too large')
  if (context.hooks.claims === undefined) return
  for (const { role, left } of rolesWithLittleRoom(context.config, mostClaimBytes))
    log.warn(
      { role, left, reason: `the role ${role} leaves ${Math.max(0, left)} bytes` },
      'little room in the token for the claims hook',
    )
}

/** A database that does not answer, or a hook, cannot keep a server from stopping. */
async function withinSeconds(seconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000)
  })
  await Promise.race([work, late])
  clearTimeout(timer)
}

/** Until it succeeds: a compromised key must not sign for a minute more because the database was busy just then. */
function reloadKeys(signingKeys: SigningKeys, onFault: (error: unknown) => void): void {
  signingKeys.reload().catch((error: unknown) => {
    onFault(error)
    setTimeout(() => reloadKeys(signingKeys, onFault), 1_000).unref()
  })
}

/** What fails beside all requests is logged; a database that is away is counted too. */
function faultIn(route: string, log: RequestLog, metrics: Metrics): (error: unknown) => void {
  return (error) => {
    if (isUnavailable(error)) metrics.countDatabaseError()
    logFault(log, { route }, error)
  }
}
