import { availableParallelism } from 'node:os'
import { longestAccessTokenLifeSeconds } from '@sallyport/protocol'
import { minimumPasswordLength } from '@sallyport/protocol/endpoints'
import { z } from 'zod'
import {
  base64,
  clientId,
  credential,
  credentials,
  flag,
  isHttpUrl,
  isPostgresUrl,
  isSmtpUrl,
  list,
  origin,
  originOrPattern,
  pagesAddress,
  parseJson,
  rotatingSecret,
  secrets,
  trustedProxyHops,
  whole,
} from './setting-values.ts'

/** One setting: its environment variable, its description and its allowed values. docs/configuration.md is generated from these. */
export type Setting = {
  env: string
  schema: z.ZodType
  description: string
  unit?: string
  secret?: boolean
}

/** The number of threads in libuv's pool. These threads hash the passwords. If more hashes ran at once, they would wait inside the pool. */
const poolThreads = Number(process.env.UV_THREADPOOL_SIZE) || 4

/** Every setting of the server. */
export const settings = {
  secret: {
    env: 'SALLYPORT_SECRET',
    schema: rotatingSecret,
    secret: true,
    description:
      'Signs refresh tokens and encrypts the signing keys. Anybody who has it and the database can sign in as any user. While you replace it: the new one and the old one, comma-separated. See [operations](operations.md#replacing-the-secret).',
  },
  issuer: {
    env: 'SALLYPORT_ISSUER',
    schema: origin,
    description: 'The public address of this server, and `iss` in every token.',
  },
  audience: {
    env: 'SALLYPORT_AUDIENCE',
    schema: list.pipe(z.array(z.string().min(1)).min(1, 'needs at least one name')),
    description:
      'The audience of tokens (`aud`): the names of your APIs and of your Next app, comma-separated.',
  },
  clientId: {
    env: 'SALLYPORT_CLIENT_ID',
    schema: clientId.default('first-party'),
    description:
      'The `client_id` of every access token (RFC 9068): one name for your own pages and apps, because Sallyport has no registered OAuth clients. Set it if an API or a gateway compares it.',
  },
  origins: {
    env: 'SALLYPORT_ORIGINS',
    schema: list.pipe(z.array(originOrPattern)).default([]),
    description:
      'The origins whose pages may call this server from a browser, for CORS and for the check of `Origin`. A `*` within the left-most label matches preview deployments, as in [`APP_URL`](proxy.md#preview-deployments).',
  },
  cookieDomain: {
    env: 'SALLYPORT_COOKIE_DOMAIN',
    schema: z
      .string()
      .regex(
        /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*$/,
        'must be a domain such as example.com',
      )
      .optional(),
    description:
      'Only if pages and API share a parent domain: the `Domain` of the cookies, whose prefix is then `__Secure-` instead of `__Host-`.',
  },
  frontendSecrets: {
    env: 'SALLYPORT_FRONTEND_SECRET',
    schema: credentials.default([]),
    secret: true,
    description:
      'Proves that a request comes from our Next front end, which is then trusted to report the client’s IP address. Two, comma-separated, while you rotate. Required in production; `none` if there is no front end.',
  },
  verifierSecrets: {
    env: 'SALLYPORT_VERIFIER_SECRET',
    schema: secrets.default([]),
    secret: true,
    description:
      'Gives verifiers access to the revocation feed and to introspection. Two, comma-separated, while you rotate. Required in production; `none` if there are no verifiers.',
  },
  metricsSecret: {
    env: 'SALLYPORT_METRICS_SECRET',
    schema: credential.optional(),
    secret: true,
    description:
      'The bearer credential with which Prometheus reads `/metrics`. Not set: that address answers 404.',
  },
  databaseUrl: {
    env: 'DATABASE_URL',
    schema: z
      .string({ error: 'must be text' })
      .refine(
        isPostgresUrl,
        'must be the address of a PostgreSQL database: postgres://user:password@host:5432/name',
      )
      .optional(),
    secret: true,
    description:
      'A PostgreSQL database, for several processes: `postgres://user:password@host:5432/name`. Not set: the embedded database in `DATA_DIR`.',
  },
  databasePoolSize: {
    env: 'DATABASE_POOL_SIZE',
    schema: whole(10, 1, 500),
    unit: 'connections',
    description:
      'Maximum number of connections from this process to PostgreSQL, besides one that listens for notifications. Only with `DATABASE_URL`.',
  },
  dataDir: {
    env: 'DATA_DIR',
    schema: z.string().min(1).default('.data'),
    description:
      'The folder of the embedded database, `sallyport.db`, if `DATABASE_URL` is not set. In production one of the two must be set.',
  },
  host: {
    env: 'HOST',
    schema: z.string().min(1).default('127.0.0.1'),
    description: 'The address to listen on.',
  },
  port: {
    env: 'AUTH_PORT',
    schema: whole(4000, 0, 65_535),
    description: 'The port to listen on.',
  },
  accessTokenTtlSeconds: {
    env: 'SALLYPORT_ACCESS_TOKEN_TTL_SECONDS',
    schema: whole(600, 1, longestAccessTokenLifeSeconds),
    unit: 'seconds',
    description: 'Lifetime of an access token.',
  },
  refreshGraceSeconds: {
    env: 'SALLYPORT_REFRESH_GRACE_SECONDS',
    schema: whole(10, 0, 60),
    unit: 'seconds',
    description: 'How long after its use a refresh token may be used again, with the same response.',
  },
  sessionIdleSeconds: {
    env: 'SALLYPORT_SESSION_IDLE_SECONDS',
    schema: whole(14 * 86_400, 60, 400 * 86_400),
    unit: 'seconds',
    description: 'A session ends after this time without a refresh.',
  },
  sessionAbsoluteSeconds: {
    env: 'SALLYPORT_SESSION_ABSOLUTE_SECONDS',
    schema: whole(90 * 86_400, 60, 400 * 86_400),
    unit: 'seconds',
    description: 'A session ends after this time, even if it is refreshed.',
  },
  minimumPasswordLength: {
    env: 'SALLYPORT_MINIMUM_PASSWORD_LENGTH',
    schema: whole(minimumPasswordLength, 8, 64),
    unit: 'code points',
    description: 'Minimum length of a new password.',
  },
  hashConcurrency: {
    env: 'SALLYPORT_HASH_CONCURRENCY',
    schema: whole(Math.min(availableParallelism(), poolThreads), 1, 64),
    unit: 'hashes',
    description:
      'How many passwords are hashed at once. Default: the number of cores, but at most the size of libuv’s thread pool (`UV_THREADPOOL_SIZE`, 4).',
  },
  hashQueueLength: {
    env: 'SALLYPORT_HASH_QUEUE_LENGTH',
    schema: whole(256, 0, 10_000),
    unit: 'requests',
    description: 'How many requests may wait for a hash; further ones get 503 with `Retry-After`.',
  },
  hashMemoryKibibytes: {
    env: 'SALLYPORT_HASH_MEMORY_KIBIBYTES',
    schema: whole(19_456, 8_192, 262_144),
    unit: 'KiB',
    description: 'argon2id memory (m).',
  },
  hashIterations: {
    env: 'SALLYPORT_HASH_ITERATIONS',
    schema: whole(2, 1, 20),
    unit: 'passes',
    description: 'argon2id passes (t). Memory times passes must be at most 1048576.',
  },
  trustedProxyHops: {
    env: 'SALLYPORT_TRUSTED_PROXY_HOPS',
    schema: trustedProxyHops,
    unit: 'hops',
    description:
      'How many reverse proxies in front of this server append to `X-Forwarded-For`. 0: trust none, and use the address of the connection.',
  },
  defaultRoles: {
    env: 'SALLYPORT_DEFAULT_ROLES',
    schema: list.default(['member']),
    description:
      'The roles of a user who signs up, separated by commas. If `SALLYPORT_ROLES` is set, it must define them.',
  },
  rolePermissions: {
    env: 'SALLYPORT_ROLES',
    schema: z
      .union([z.string().transform(parseJson), z.unknown()])
      .pipe(
        z.record(z.string(), z.array(z.string().min(1)), {
          error: 'must be JSON that gives each role a list of permissions: {"finance":["report:read"]}',
        }),
      )
      .default({}),
    description:
      'Your roles and their permissions, as JSON: `{"finance":["report:read"],"member":[]}`. If set, `users create`, `users set-roles` and `users import` refuse every other role; if not, a role can have any name. A role whose access token would not fit into a cookie (3,800 bytes) stops the start.',
  },
  productName: {
    env: 'SALLYPORT_PRODUCT_NAME',
    schema: z
      .string()
      .min(1)
      .max(60)
      .regex(
        /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u,
        'must be one line without control characters: it is part of the subjects of mails',
      )
      .default('Sallyport'),
    description: 'The name of your product, as shown in mails.',
  },
  appUrl: {
    env: 'SALLYPORT_APP_URL',
    schema: pagesAddress.optional(),
    description:
      'The address of your pages, for the links in mails: their origin, with `basePath` if Next has one (`https://example.com/app`). Default: the first of `SALLYPORT_ORIGINS` that is not a pattern.',
  },
  smtpUrl: {
    env: 'SALLYPORT_SMTP_URL',
    schema: z
      .string({ error: 'must be text' })
      .refine(
        isSmtpUrl,
        'must be the address of a mail server: smtps://user:password@host, or smtp:// with STARTTLS',
      )
      .optional(),
    secret: true,
    description:
      'The mail server: `smtps://user:password@host:465`, or `smtp://…:587`, which must offer STARTTLS. Not set: no mail is sent.',
  },
  mailFrom: {
    env: 'SALLYPORT_MAIL_FROM',
    schema: z
      .string()
      .regex(
        /^(?:[^<>@\r\n]+ <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
        'must be an address: Billing <no-reply@example.com>',
      )
      .optional(),
    description: 'The sender of mails: `Billing <no-reply@example.com>`. Required with `SALLYPORT_SMTP_URL`.',
  },
  emailVerification: {
    env: 'SALLYPORT_EMAIL_VERIFICATION',
    schema: z
      .enum(['off', 'permissions', 'sign-in'], { error: 'must be off, permissions or sign-in' })
      .optional(),
    description:
      'When an address must be verified: before the first sign-in (`sign-in`: sign-up then does not reveal whether an address has an account), before some permissions (`permissions`), or never (`off`). Default: `sign-in` if `SALLYPORT_SMTP_URL` is set, else `off`; in production one of the two must be set.',
  },
  verifiedPermissions: {
    env: 'SALLYPORT_VERIFIED_PERMISSIONS',
    schema: list.default([]),
    description:
      'With `SALLYPORT_EMAIL_VERIFICATION=permissions`: the permissions that a user gets only with a verified address, comma-separated.',
  },
  developmentInbox: {
    env: 'SALLYPORT_DEVELOPMENT_INBOX',
    schema: flag.default(false),
    description: '`1`: this server shows mails to anybody instead of sending them. Refused in production.',
  },
  apiReference: {
    env: 'SALLYPORT_API_REFERENCE',
    schema: flag.optional(),
    description:
      '`1` serves `/api/auth/openapi.json` and a page to read it, `/api/auth/reference`, to anybody; `0` does not. Default: `0` in production, else `1`.',
  },
  breachUrl: {
    env: 'SALLYPORT_BREACH_URL',
    schema: z
      .string({ error: 'must be text' })
      .refine(isHttpUrl, 'must be an https address, such as https://api.pwnedpasswords.com/range/')
      .optional(),
    description:
      'A service that lists breached passwords. It gets the first five characters of the SHA-1 of each new password. Not set: no such check.',
  },
  breachTimeoutMs: {
    env: 'SALLYPORT_BREACH_TIMEOUT_MS',
    schema: whole(1_000, 50, 10_000),
    unit: 'milliseconds',
    description: 'Time limit for an answer of that service.',
  },
  breachFailure: {
    env: 'SALLYPORT_BREACH_FAILURE',
    schema: z.enum(['open', 'closed'], { error: 'must be open or closed' }).default('open'),
    description:
      'If that service does not answer: `open` accepts the password if the other rules do, `closed` refuses it with 503.',
  },
  legacySha2: {
    env: 'SALLYPORT_LEGACY_SHA2',
    schema: flag.default(false),
    description:
      '`1`: imported passwords may be hashed with salted SHA-256 or SHA-512, until their owners sign in. Such hashes are fast to guess: see [passwords](passwords.md).',
  },
  firebaseSignerKey: {
    env: 'SALLYPORT_FIREBASE_SIGNER_KEY',
    schema: base64.optional(),
    secret: true,
    description: 'For users of a Firebase project: `base64_signer_key` of its password hash parameters.',
  },
  firebaseSaltSeparator: {
    env: 'SALLYPORT_FIREBASE_SALT_SEPARATOR',
    schema: base64.default('Bw=='),
    description: 'For users of a Firebase project: `base64_salt_separator`.',
  },
  throttleScale: {
    env: 'SALLYPORT_THROTTLE_SCALE',
    schema: z.coerce
      .number({ error: 'must be a number' })
      .min(0.1, 'must be at least 0.1')
      .max(1_000, 'must be at most 1000')
      .default(1),
    description:
      'Multiplies all numbers of the windows in [throttles](throttles.md). Set 10, for example, if many users share few IP addresses.',
  },
  auditRetentionDays: {
    env: 'SALLYPORT_AUDIT_RETENTION_DAYS',
    schema: whole(365, 1, 3_650),
    unit: 'days',
    description: 'How long the audit log is kept.',
  },
  bodyLimitBytes: {
    env: 'SALLYPORT_BODY_LIMIT_BYTES',
    schema: whole(16_384, 1_024, 1_048_576),
    unit: 'bytes',
    description: 'Maximum size of a request body.',
  },
  hookTimeoutMs: {
    env: 'SALLYPORT_HOOK_TIMEOUT_MS',
    schema: whole(3_000, 20, 8_000),
    unit: 'milliseconds',
    description: 'Time limit for each of your [hooks](your-server.md).',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    schema: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
    description: 'The lowest level that is logged.',
  },
} as const satisfies Record<string, Setting>
