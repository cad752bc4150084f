import { availableParallelism } from 'node:os'
import { minimumPasswordLength } from '@sallyport/protocol'
import { z } from 'zod'

/** One setting: where it comes from, what it means, and what it may be. The configuration reference is made from this. */
type Setting = { env: string; schema: z.ZodType; description: string; unit?: string; secret?: boolean }

const seconds = (fallback: number, least: number, most: number) =>
  z.coerce.number().int().min(least).max(most).default(fallback)
const count = seconds
const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) =>
    (Array.isArray(value) ? value : value.split(',')).map((item) => item.trim()).filter(Boolean),
  )
const secret = z.string().min(32, 'needs at least 32 characters. Make one with: openssl rand -base64 32')
const secrets = list.pipe(z.array(secret))
const origin = z.string().refine(isSafeOrigin, 'must be an https origin without a path, or http on localhost')

export const settings = {
  secret: {
    env: 'SALLYPORT_SECRET',
    schema: secret,
    secret: true,
    description:
      'Signs refresh tokens and encrypts the signing keys. Whoever has it and the database can sign in as anybody.',
  },
  issuer: {
    env: 'SALLYPORT_ISSUER',
    schema: origin,
    description: 'The public address of this server, and `iss` in every token.',
  },
  audience: {
    env: 'SALLYPORT_AUDIENCE',
    schema: list.pipe(z.array(z.string().min(1)).min(1, 'needs at least one name')),
    description: 'Who tokens are for (`aud`): the names of your APIs and of your Next app, comma-separated.',
  },
  origins: {
    env: 'SALLYPORT_ORIGINS',
    schema: list.pipe(z.array(origin)).default([]),
    description:
      'The origins whose pages may call this server from a browser: one list for CORS and for the check of `Origin`.',
  },
  cookieDomain: {
    env: 'SALLYPORT_COOKIE_DOMAIN',
    schema: z
      .string()
      .regex(/^[a-z0-9.-]+\.[a-z]+$/, 'must be a domain such as example.com')
      .optional(),
    description:
      'Only where pages and API share a parent domain: the `Domain` of the cookies, which then are `__Secure-` and not `__Host-`.',
  },
  frontendSecrets: {
    env: 'SALLYPORT_FRONTEND_SECRET',
    schema: secrets.default([]),
    secret: true,
    description:
      'Proves that a request comes from our Next front end, whose word on the browser’s address is then believed. Two, comma-separated, while you rotate.',
  },
  verifierSecrets: {
    env: 'SALLYPORT_VERIFIER_SECRET',
    schema: secrets.default([]),
    secret: true,
    description:
      'Opens the revocation feed and introspection for verifiers. Two, comma-separated, while you rotate.',
  },
  dataDir: {
    env: 'DATA_DIR',
    schema: z.string().min(1).default('.data'),
    description: 'The folder of the embedded database, `sallyport.db`.',
  },
  host: {
    env: 'HOST',
    schema: z.string().min(1).default('127.0.0.1'),
    description: 'The address to listen on.',
  },
  port: {
    env: 'AUTH_PORT',
    schema: z.coerce.number().int().min(0).max(65_535).default(4000),
    description: 'The port to listen on.',
  },
  accessTokenTtlSeconds: {
    env: 'SALLYPORT_ACCESS_TOKEN_TTL_SECONDS',
    schema: seconds(600, 1, 3600),
    unit: 'seconds',
    description: 'Life of an access token.',
  },
  refreshGraceSeconds: {
    env: 'SALLYPORT_REFRESH_GRACE_SECONDS',
    schema: seconds(10, 0, 60),
    unit: 'seconds',
    description: 'How long after its use a refresh token is answered with the same successor.',
  },
  sessionIdleSeconds: {
    env: 'SALLYPORT_SESSION_IDLE_SECONDS',
    schema: seconds(14 * 86_400, 60, 400 * 86_400),
    unit: 'seconds',
    description: 'A session ends after so long without a refresh.',
  },
  sessionAbsoluteSeconds: {
    env: 'SALLYPORT_SESSION_ABSOLUTE_SECONDS',
    schema: seconds(90 * 86_400, 60, 400 * 86_400),
    unit: 'seconds',
    description: 'A session ends after so long, however often it is refreshed.',
  },
  minimumPasswordLength: {
    env: 'SALLYPORT_MINIMUM_PASSWORD_LENGTH',
    schema: count(minimumPasswordLength, 8, 64),
    unit: 'code points',
    description: 'Shortest new password.',
  },
  hashConcurrency: {
    env: 'SALLYPORT_HASH_CONCURRENCY',
    schema: count(availableParallelism(), 1, 64),
    unit: 'hashes',
    description: 'How many passwords are hashed at once. Default: the number of cores.',
  },
  hashQueueLength: {
    env: 'SALLYPORT_HASH_QUEUE_LENGTH',
    schema: count(256, 0, 10_000),
    unit: 'requests',
    description: 'How many may wait for that; beyond it the answer is 503 with `Retry-After`.',
  },
  hashMemoryKibibytes: {
    env: 'SALLYPORT_HASH_MEMORY_KIBIBYTES',
    schema: count(19_456, 8_192, 1_048_576),
    unit: 'KiB',
    description: 'argon2id memory (m).',
  },
  hashIterations: {
    env: 'SALLYPORT_HASH_ITERATIONS',
    schema: count(2, 1, 20),
    unit: 'passes',
    description: 'argon2id passes (t).',
  },
  trustedProxyHops: {
    env: 'SALLYPORT_TRUSTED_PROXY_HOPS',
    schema: count(0, 0, 10),
    unit: 'hops',
    description:
      'How many reverse proxies stand before this server and append to `X-Forwarded-For`. 0: believe none.',
  },
  defaultRoles: {
    env: 'SALLYPORT_DEFAULT_ROLES',
    schema: list.default(['member']),
    description: 'The roles of somebody who signs up.',
  },
  rolePermissions: {
    env: 'SALLYPORT_ROLES',
    schema: z
      .union([z.string().transform(parseJson), z.unknown()])
      .pipe(z.record(z.string(), z.array(z.string().min(1))))
      .default({}),
    description: 'The permissions of each role, as JSON: `{"finance":["report:read"]}`.',
  },
  bodyLimitBytes: {
    env: 'SALLYPORT_BODY_LIMIT_BYTES',
    schema: count(16_384, 1_024, 1_048_576),
    unit: 'bytes',
    description: 'Largest request body.',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    schema: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
    description: 'How much is logged.',
  },
} as const satisfies Record<string, Setting>

type Settings = typeof settings
/** The settings, checked and complete. */
export type Config = { [Name in keyof Settings]: z.output<Settings[Name]['schema']> }
/** What `createSallyport` takes; only `secret`, `issuer` and `audience` have no default. */
export type SallyportOptions = Partial<{ [Name in keyof Settings]: z.input<Settings[Name]['schema']> }>

/** Secrets that stand in tutorials; long enough, and known to everybody. */
const wellKnown = /^(.)\1*$|^(?:secret|changeme|password|your[-_ ]|example|test|development|supersecret)/i

/**
 * Checks the options.
 *
 * @throws TypeError with one line for each wrong setting, naming its environment variable.
 */
export function readConfig(options: SallyportOptions): Config {
  const complaints: string[] = []
  const config: Record<string, unknown> = {}
  for (const name of Object.keys(options))
    if (!Object.hasOwn(settings, name)) complaints.push(`There is no setting ${name}.`)
  for (const [name, { env, schema }] of Object.entries(settings) as [keyof Settings, Setting][]) {
    const given = options[name]
    const result = schema.safeParse(given)
    if (result.success) config[name] = result.data
    else
      complaints.push(
        given === undefined
          ? `${env} is not set. ${settings[name].description}`
          : `${env}: ${result.error.issues[0]?.message}`,
      )
  }
  const read = config as Config
  if (complaints.length === 0) {
    if (wellKnown.test(read.secret))
      complaints.push('SALLYPORT_SECRET is one that everybody knows. Make one with: openssl rand -base64 32')
    const all = [read.secret, ...read.frontendSecrets, ...read.verifierSecrets]
    if (new Set(all).size < all.length)
      complaints.push(
        'SALLYPORT_SECRET, SALLYPORT_FRONTEND_SECRET and SALLYPORT_VERIFIER_SECRET must differ from one another.',
      )
    if (read.sessionIdleSeconds > read.sessionAbsoluteSeconds)
      complaints.push(
        'SALLYPORT_SESSION_IDLE_SECONDS must not be longer than SALLYPORT_SESSION_ABSOLUTE_SECONDS.',
      )
    if (read.cookieDomain && !read.issuer.startsWith('https:'))
      complaints.push('SALLYPORT_COOKIE_DOMAIN needs an https SALLYPORT_ISSUER.')
  }
  if (complaints.length > 0) throw new TypeError(complaints.join('\n'))
  return read
}

/** The options that an environment holds. */
export function optionsFromEnvironment(env: Record<string, string | undefined>): SallyportOptions {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, { env: variable }]) =>
      env[variable] ? [[name, env[variable]]] : [],
    ),
  ) as SallyportOptions
}

function isSafeOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  const isLocal = /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
  return url.origin === text && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
