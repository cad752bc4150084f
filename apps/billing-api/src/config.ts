import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The settings of this process, from its environment. */
export type Config = {
  /** The SQLite file: `billing.db` in the folder `DATA_DIR`. Default of `DATA_DIR`: `.data` at the root of the repository. */
  databaseFile: string
  /** `HOST`: the address on which this process listens. Default: 127.0.0.1. */
  host: string
  /** `API_PORT`: the port on which this process listens. Default: 4100. */
  port: number
  /** `LOG_LEVEL`: the lowest level that is logged. Default: info. */
  logLevel: string
  /** `BROWSER_ORIGINS`, comma-separated: the origins whose scripts may call this API with the browser's cookies. Default: none. */
  browserOrigins: string[]
  sallyport: {
    /** `SALLYPORT_ISSUER`: the public address of the auth server. It is the `iss` of every token. */
    issuer: string
    /** `SALLYPORT_URL`: the address at which this process reaches the auth server. Default: `SALLYPORT_ISSUER`. */
    url: string
    /** `SALLYPORT_AUDIENCE`: the audience of this API. Tokens for other audiences are refused. Default: billing-api. */
    audience: string
    /** `SALLYPORT_VERIFIER_SECRET`: the credential for the revocation feed. */
    verifierSecret: string
  }
}

const root = fileURLToPath(new URL('../../..', import.meta.url))
const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

/** @throws TypeError if a setting is missing or invalid. The message says in one line what is wrong and how to fix it. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const issuer = required(
    env,
    'SALLYPORT_ISSUER',
    'the address of the auth server, such as http://localhost:4000',
  )
  return {
    databaseFile: databaseFile(env),
    host: env.HOST || '127.0.0.1',
    port: port(env),
    logLevel: logLevel(env),
    browserOrigins: (env.BROWSER_ORIGINS ?? '').split(',').filter(Boolean).map(webOrigin),
    sallyport: {
      issuer: webAddress('SALLYPORT_ISSUER', issuer),
      url: webAddress('SALLYPORT_URL', env.SALLYPORT_URL || issuer).replace(/\/+$/, ''),
      audience: env.SALLYPORT_AUDIENCE || 'billing-api',
      verifierSecret: required(env, 'SALLYPORT_VERIFIER_SECRET', 'the same value as at the auth server'),
    },
  }
}

/** Returns the path of the database file. It is a separate function, because `seed.ts` needs only this setting. */
export function databaseFile(env: NodeJS.ProcessEnv): string {
  return join(resolve(root, env.DATA_DIR || '.data'), 'billing.db')
}

function required(env: NodeJS.ProcessEnv, name: string, meaning: string): string {
  const value = env[name]
  if (!value) throw new TypeError(`${name} is not set. Set it to ${meaning}.`)
  return value
}

// The address is not normalised, because it is compared with the `iss` of a token, which must be exactly equal.
function webAddress(name: string, value: string): string {
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol))
    throw new TypeError(
      `${name} is not an http or https address. Set it to an address such as http://localhost:4000.`,
    )
  return value
}

function webOrigin(value: string): string {
  // If a page comes over plain http, an attacker on the network can replace it, so only https is allowed (and http for localhost).
  const isSafe = value.startsWith('https://') || /^http:\/\/localhost(?::\d+)?$/.test(value)
  if (!isSafe || !URL.canParse(value) || new URL(value).origin !== value)
    throw new TypeError(
      `BROWSER_ORIGINS contains ${JSON.stringify(value)}. Use https origins such as https://app.example.com (http only for localhost), without path, space or wildcard.`,
    )
  return value
}

function port(env: NodeJS.ProcessEnv): number {
  const value = Number(env.API_PORT || 4100)
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new TypeError('API_PORT is not a port. Give a number from 0 to 65535, where 0 means any free port.')
  return value
}

function logLevel(env: NodeJS.ProcessEnv): string {
  const value = env.LOG_LEVEL || 'info'
  if (!logLevels.includes(value)) throw new TypeError(`LOG_LEVEL is not one of ${logLevels.join(', ')}.`)
  return value
}
