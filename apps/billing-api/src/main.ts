// This file starts the process: it reads the environment, opens the database and listens. On a signal, it ends cleanly.
import { createVerifier } from '@sallyport/verify'
import { access } from '../../billing-auth/access.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { createHttpServer } from './http/server.ts'
import { listen } from './listen.ts'
import { createLogger } from './logger.ts'
import { openDatabaseOrExplain } from './open-database.ts'

/** After a signal, running requests have this time to finish, in milliseconds. */
const shutdownMs = 8_000

try {
  const { databaseFile, host, port, logLevel, browserOrigins, sallyport } = readConfig(process.env)
  const logger = createLogger(logLevel)
  const verifier = createVerifier({
    issuer: sallyport.issuer,
    audience: sallyport.audience,
    access,
    jwksUrl: `${sallyport.url}/.well-known/jwks.json`,
    feed: { url: `${sallyport.url}/api/auth/revocations`, credential: sallyport.verifierSecret },
    // The token is read from a cookie only if browsers call this API directly. Otherwise it is in the Authorization header.
    cookies: browserOrigins.length === 0 ? [] : ['__Secure-accessToken'],
    origins: browserOrigins,
  })
  const database = openDatabaseOrExplain(databaseFile)
  const server = createHttpServer(createApp({ database, verifier, logger, clock: Date.now, browserOrigins }))
  const address = await listen(server, { host, port })
  logger.info({ address }, `listening on ${address}`)
  // The process does not wait until the verifier is ready. Until then, requests wait, and `readyz` reports that it is not ready.
  verifier.ready().catch(() => logger.warn(`the auth server at ${sallyport.url} does not answer yet`))

  const stop = (signal: NodeJS.Signals) => {
    logger.info({ signal }, 'stopping')
    // `close` closes idle connections immediately, and calls back after the last response.
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
  // If a setting is wrong, the error is a TypeError with one sentence. Any other error is a bug, so its stack is printed.
  console.error(error instanceof TypeError ? error.message : error)
  process.exit(1)
}
