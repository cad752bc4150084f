// The process: reads its environment, opens its database, listens, and ends cleanly on a signal.
import { createVerifier } from '@sallyport/verify'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { createHttpServer } from './http/server.ts'
import { listen } from './listen.ts'
import { createLogger } from './logger.ts'
import { openDatabaseOrExplain } from './open-database.ts'

/** Milliseconds for running requests to finish after a signal. */
const shutdownMs = 8_000

try {
  const { databaseFile, host, port, logLevel, browserOrigins, sallyport } = readConfig(process.env)
  const logger = createLogger(logLevel)
  const verifier = createVerifier({
    issuer: sallyport.issuer,
    audience: sallyport.audience,
    jwksUrl: `${sallyport.url}/.well-known/jwks.json`,
    feed: { url: `${sallyport.url}/api/auth/revocations`, credential: sallyport.verifierSecret },
    // Cookies are only for browsers that call this API directly. Otherwise tokens are in the Authorization header.
    cookies: browserOrigins.length === 0 ? [] : ['__Secure-accessToken'],
    origins: browserOrigins,
  })
  const database = openDatabaseOrExplain(databaseFile)
  const server = createHttpServer(createApp({ database, verifier, logger, clock: Date.now, browserOrigins }))
  const address = await listen(server, { host, port })
  logger.info({ address }, `listening on ${address}`)
  // Not awaited: requests before it is done wait, and `readyz` reports it.
  verifier.ready().catch(() => logger.warn(`the auth server at ${sallyport.url} does not answer yet`))

  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, 'stopping')
    // Called after the last response; idle connections are closed at once.
    server.close(() => {
      verifier.close()
      database.close()
      logger.flush()
    })
    setTimeout(() => server.closeAllConnections(), shutdownMs).unref()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (error) {
  // A misconfiguration is a TypeError with one sentence. Any other error is a bug, and needs its stack.
  console.error(error instanceof TypeError ? error.message : error)
  process.exit(1)
}
