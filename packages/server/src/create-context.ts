import { randomBytes } from 'node:crypto'
import { cookieNames } from '@sallyport/protocol'
import { isOriginPattern } from '@sallyport/protocol/allowed-origins'
import { createVerifier } from '@sallyport/verify'
import { backgroundFault } from './background-fault.ts'
import type { Config } from './config/config.ts'
import { createBreachQuery } from './credentials/breached.ts'
import { foreignHashConfigOf } from './credentials/foreign-hash-config.ts'
import { createHashQueue } from './credentials/hash-queue.ts'
import { createPasswords } from './credentials/password.ts'
import type { Customizations, readCustomizations } from './customizations.ts'
import { endReasons } from './flows/session/end-session.ts'
import { logFault, logFaultWithoutWords, type RequestLog, restoredStoreLog } from './http/request-log.ts'
import { openSmtp } from './mail/smtp.ts'
import { openProviders } from './providers/open-provider.ts'
import type { Context } from './services/context.ts'
import { createMailer } from './services/mailer.ts'
import { noteSecrets, openKeyring } from './services/open-keyring.ts'
import { openRevocationHub } from './services/revocation-hub.ts'
import { openSigningKeys, type SigningKeys } from './services/signing-keys.ts'
import type { Store } from './store/database.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { newId, type RandomBytes } from './tokens/id.ts'
import { createRefreshTokens } from './tokens/refresh-token.ts'

/** The code that the app adds, and the parts of the server that tests and other programs can replace. Each part has a default. */
export type HostOptions = Customizations & {
  /** Returns the time in milliseconds since 1970. Default: `Date.now`. */
  clock?: () => number
  /** The random generator for ids and salts. Default: the generator of the system. */
  randomBytes?: RandomBytes
  /** A pino logger. Default: JSON lines on standard output, at the level `logLevel`. */
  log?: RequestLog
}

/** Creates the context that the flows use. */
export async function createContext(
  config: Config,
  store: Store,
  hostOptions: Omit<HostOptions, keyof Customizations> & ReturnType<typeof readCustomizations>,
  log: RequestLog,
): Promise<Context> {
  const { clock = Date.now, randomBytes: random = randomBytes, hooks, mails, providers } = hostOptions
  const { issuer, origins, cookieDomain: domain } = config
  const { database } = store
  const metrics = createMetrics(endReasons)
  const keyring = await openKeyring(database, config, clock)
  const signingKeys = await openSigningKeys(database, keyring, clock)
  await noteSecrets({ database, keyring, clock })
  const revocations = await openRevocationHub(store, clock, {
    onKeyRevoked: () => reloadKeys(signingKeys, backgroundFault('signing keys', log, metrics)),
    onSilence: backgroundFault('revocation log', log, metrics),
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
      // The message of the error may contain the mailed link, so the message is not logged.
      onFault: (template, error) => logFaultWithoutWords(log, { route: `mail ${template}` }, error),
    },
    transport: smtpUrl === undefined ? null : openSmtp({ url: smtpUrl, from: mailFrom ?? '' }),
    clock,
    newId: () => newId(clock(), random),
    onWake: () => void mailer.run(backgroundFault('mail', log, metrics)),
    onSent: () => metrics.countMail('sent'),
    onRefusal: (event) => {
      metrics.countMail(event.state)
      log.warn(event, 'mail')
    },
  })
  const queue = createHashQueue({ concurrency: config.hashConcurrency, queueLength: config.hashQueueLength })
  if (config.metricsSecret !== undefined)
    metrics.observe({
      queue: queue.counts,
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
    providers: openProviders(providers, clock),
    appUrl,
    onHookFault: (hook, error) => logFault(log, { route: `hook ${hook}` }, error),
    onRevocationFault: (event) => log.warn(event, 'provider token not revoked'),
    onLargeToken: (event) => log.error(event, 'token too large'),
    underWay: new Set(),
    randomBytes: random,
    metrics,
    passwords: await createPasswords(
      queue,
      {
        memoryKibibytes: config.hashMemoryKibibytes,
        iterations: config.hashIterations,
        parallelism: 1,
      },
      foreignHashConfigOf(config),
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
      // Introspection accepts tokens for an organization. Endpoints for users refuse them (`authenticate`).
      organizations: 'optional',
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

/**
 * Reads the keys again. If this fails, tries again every second. Without these tries, a process whose database is busy would sign with a
 * compromised key for up to one more minute.
 */
function reloadKeys(signingKeys: SigningKeys, onFault: (error: unknown) => void): void {
  signingKeys.reload().catch((error: unknown) => {
    onFault(error)
    setTimeout(() => reloadKeys(signingKeys, onFault), 1_000).unref()
  })
}
