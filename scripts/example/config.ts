import { isAbsolute, join } from 'node:path'
import { fail, root } from '../install.mjs'
import { localAddress } from './address.ts'
import type { Secrets } from './secrets.ts'

/** How the example runs. */
export type Config = {
  /** Whether to reload if files change. */
  dev: boolean
  /** Whether to run as in production, without demo accounts and without generated secrets. */
  production: boolean
  dataDir: string
  host: string
  /** Whether the pages run without a proxy in front of them. If so, the server of the pages reports the browser's address itself. */
  ownFront: boolean
  ports: { web: number; auth: number; api: number }
  /**
   * The port of our own PostgreSQL. If it is set, two auth servers run behind one address. Otherwise one server runs on a database file.
   */
  postgresPort?: number
}

/** Returns the ports of the auth servers. One server uses the public port. Two servers use the two ports after it. */
export function authPorts({ ports, postgresPort }: Config): number[] {
  return postgresPort ? [ports.auth + 1, ports.auth + 2] : [ports.auth]
}

export const demoPassword = 'open the second door'
export const demoAccounts = [
  { email: 'owner@example.com', name: 'Olivia Owner', role: 'owner', may: 'everything' },
  {
    email: 'finance@example.com',
    name: 'Farid Finance',
    role: 'finance',
    may: 'invoices, customers and financial reports',
  },
  {
    email: 'member@example.com',
    name: 'Mei Member',
    role: 'member',
    may: 'invoices and customers; financial reports are refused',
  },
] as const

export function readConfig(args: readonly string[], env: NodeJS.ProcessEnv): Config {
  const dataDir = env.DATA_DIR ?? '.data'
  return {
    dev: args.includes('--dev'),
    production: env.NODE_ENV === 'production',
    dataDir: isAbsolute(dataDir) ? dataDir : join(root, dataDir),
    host: env.HOST ?? '127.0.0.1',
    ownFront: env.NODE_ENV !== 'production' && env.SALLYPORT_TRUSTED_PROXY_HOPS === undefined,
    ports: {
      web: port(env, 'WEB_PORT', 3000),
      auth: port(env, 'AUTH_PORT', 4000),
      api: port(env, 'API_PORT', 4100),
    },
    ...(args.includes('--postgres') && { postgresPort: port(env, 'POSTGRES_PORT', 54_320) }),
  }
}

function port(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const value = Number(env[name] ?? fallback)
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    fail(`${name} is ${env[name]}: give a port from 1 to 65535.`)
  return value
}

/** Returns the environment of each of the three processes. If the caller has set a variable, the caller's value is used. */
export function environments(
  { ports, dataDir, production, host, ownFront }: Config,
  secrets: Secrets,
  env: NodeJS.ProcessEnv,
) {
  // `DATABASE_URL` is left out of the common environment, because only the auth servers use this database.
  const { DATABASE_URL: databaseUrl, ...rest } = env
  const mail = mailSettings(env, production)
  const shared = {
    ...rest,
    DATA_DIR: dataDir,
    HOST: host,
    SALLYPORT_ISSUER: env.SALLYPORT_ISSUER ?? `http://localhost:${ports.auth}`,
    SALLYPORT_URL: env.SALLYPORT_URL ?? localAddress(host, ports.auth),
    SALLYPORT_VERIFIER_SECRET: secrets.verifierSecret,
  }
  return {
    auth: {
      ...shared,
      AUTH_PORT: String(ports.auth),
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
      SALLYPORT_SECRET: secrets.secret,
      SALLYPORT_FRONTEND_SECRET: secrets.frontendSecret,
      SALLYPORT_AUDIENCE: env.SALLYPORT_AUDIENCE ?? 'billing-api,billing-web',
      SALLYPORT_ORIGINS: env.SALLYPORT_ORIGINS ?? `http://localhost:${ports.web}`,
      ...mail,
      SALLYPORT_CONFIG: env.SALLYPORT_CONFIG ?? join(root, 'apps/billing-auth/sallyport.config.ts'),
    },
    api: { ...shared, API_PORT: String(ports.api), SALLYPORT_AUDIENCE: 'billing-api' },
    web: {
      ...shared,
      PORT: String(ports.web),
      SALLYPORT_FRONTEND_SECRET: secrets.frontendSecret,
      SALLYPORT_AUDIENCE: 'billing-web',
      API_URL: env.API_URL ?? localAddress(host, ports.api),
      APP_URL: env.APP_URL ?? `http://localhost:${ports.web}`,
      ASK_TO_VERIFY_EMAIL:
        env.ASK_TO_VERIFY_EMAIL ?? (verifiesEmail(mail.SALLYPORT_EMAIL_VERIFICATION) ? '1' : '0'),
      ...(!production && { SHOW_DEMO_ACCOUNTS: '1' }),
      NEXT_TELEMETRY_DISABLED: '1',
      ...(ownFront && { SALLYPORT_TRUSTED_PROXY_HOPS: '1' }),
    },
  }
}

function verifiesEmail(policy: string | undefined): boolean {
  return policy !== undefined && policy !== 'off'
}

/** Returns the mail settings. If there is no mail server, mails are shown on a page, so that sign-up works. */
function mailSettings(env: NodeJS.ProcessEnv, production: boolean) {
  const hasServer = env.SALLYPORT_SMTP_URL !== undefined
  const isTryOut = !production && !hasServer && !env.SALLYPORT_ISSUER?.startsWith('https:')
  const inbox = env.SALLYPORT_DEVELOPMENT_INBOX ?? (isTryOut ? '1' : '0')
  return {
    SALLYPORT_PRODUCT_NAME: env.SALLYPORT_PRODUCT_NAME ?? 'Ledgerline',
    SALLYPORT_DEVELOPMENT_INBOX: inbox,
    SALLYPORT_MAILED_SIGN_IN: env.SALLYPORT_MAILED_SIGN_IN ?? (hasServer || inbox === '1' ? 'on' : 'off'),
    // If there is no mail, the verification of addresses must be switched off explicitly.
    SALLYPORT_EMAIL_VERIFICATION:
      env.SALLYPORT_EMAIL_VERIFICATION ?? (hasServer || isTryOut ? 'sign-in' : undefined),
  }
}
