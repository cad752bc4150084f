import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { environments } from '../../scripts/example/config.ts'
import { type Server, type ServerScript, startServer } from '../measure/server.ts'
import type { DatabaseEnvironment, Databases } from './databases.ts'
import { packedServer } from './packed-server.ts'

type Secrets = { secret: string; frontendSecret: string; verifierSecret: string }

/** The real auth server in production mode, on a real disk. */
export type AuthServer = Server & { secrets: Secrets }

/** Starts an auth server on an empty database. `settings` are more variables of its environment. */
export async function startAuthServer(
  { workDir, databases }: { workDir: string; databases: Databases },
  settings: NodeJS.ProcessEnv = {},
): Promise<AuthServer> {
  return startAuthServerOn(await databases.fresh(), newSecrets(), workDir, settings)
}

/** Starts an auth server on a database that may have data already. */
export async function startAuthServerOn(
  database: DatabaseEnvironment,
  secrets: Secrets,
  workDir: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<AuthServer> {
  return { ...(await startServer(await authServerScript(database, secrets, workDir, settings))), secrets }
}

/** Returns the program, arguments and environment with which an auth server is started. */
export async function authServerScript(
  database: DatabaseEnvironment,
  secrets: Secrets,
  workDir: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<ServerScript> {
  return {
    script: await packedServer(),
    args: () => ['serve'],
    env: (port) => ({
      // Do not use the database of the caller's environment.
      DATABASE_URL: undefined,
      ...environments(
        {
          dev: false,
          production: true,
          dataDir: database.DATA_DIR,
          host: '127.0.0.1',
          ownFront: false,
          ports: { web: 3000, auth: port, api: 4100 },
        },
        secrets,
        {
          PATH: process.env.PATH,
          NODE_ENV: 'production',
          DATABASE_URL: database.DATABASE_URL,
          SALLYPORT_EMAIL_VERIFICATION: 'off',
          // All users sign up and in from one address, far more often than the throttles of one network allow.
          SALLYPORT_THROTTLE_SCALE: '1000',
          ...settings,
        },
      ).auth,
    }),
    readyPath: paths.ready,
    logFile: join(workDir, 'auth-server.log'),
  }
}

/** Returns the environment that an API needs to verify this auth server's tokens. */
export function apiEnvironment({ url, secrets }: AuthServer) {
  return {
    ISSUER: url,
    JWKS_URL: url + paths.jwks,
    FEED_URL: url + paths.revocations,
    INTROSPECT_URL: url + paths.introspect,
    VERIFIER_SECRET: secrets.verifierSecret,
  }
}

export function newSecrets(): Secrets {
  return { secret: newSecret(), frontendSecret: newSecret(), verifierSecret: newSecret() }
}

function newSecret(): string {
  return randomBytes(32).toString('base64url')
}
