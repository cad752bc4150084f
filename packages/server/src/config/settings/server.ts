import { z } from 'zod'
import {
  credential,
  credentials,
  flag,
  list,
  origin,
  originOrPattern,
  rotatingSecret,
  secrets,
  trustedProxyHops,
  whole,
} from '../setting-values.ts'
import type { Setting } from './setting.ts'

/** Settings of the process: its secrets, its address, its limits. */
export const serverSettings = {
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
  trustedProxyHops: {
    env: 'SALLYPORT_TRUSTED_PROXY_HOPS',
    schema: trustedProxyHops,
    unit: 'hops',
    description:
      'How many reverse proxies in front of this server append to `X-Forwarded-For`. 0: trust none, and use the address of the connection.',
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
  apiReference: {
    env: 'SALLYPORT_API_REFERENCE',
    schema: flag.optional(),
    description:
      '`1` serves `/api/auth/openapi.json` and a page to read it, `/api/auth/reference`, to anybody; `0` does not. Default: `0` in production, else `1`.',
  },
  auditRetentionDays: {
    env: 'SALLYPORT_AUDIT_RETENTION_DAYS',
    schema: whole(365, 1, 3_650),
    unit: 'days',
    description: 'How long the audit log is kept.',
  },
  logLevel: {
    env: 'LOG_LEVEL',
    schema: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
    description: 'The lowest level that is logged.',
  },
} as const satisfies Record<string, Setting>
