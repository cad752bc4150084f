import {
  type Access,
  type CookieNames,
  cookieNames,
  deviceCookieName,
  readAccess,
  type SignInCookie,
  sessionMarkName,
  signInCookieNames,
} from '@sallyport/protocol'
import { isProduction } from '@sallyport/protocol/secret'
import { readTrustedProxyHops } from '@sallyport/protocol/trusted-proxy-hops'
import {
  checkedLoginBasePath,
  checkedPagePath,
  type LoginPath,
  type LoginPlace,
} from '../paths/login-address.ts'
import type { ApiTarget } from './api-target.ts'
import {
  type ApiDefinition,
  type ApiDefinitions,
  type ApiTimeoutOptions,
  apiUrlVariable,
  type NamedApi,
  requireApis,
} from './apis.ts'
import { readAppOrigins } from './app-origins.ts'
import { type Credentials, noCredentials, readCredentials } from './credentials.ts'
import type { CustomIssuer } from './custom-issuer.ts'
import { requireKnownOptions } from './known-options.ts'
import { baseOf, bounded, checkedPath, domainAbove, originOf } from './option-values.ts'
import { organizationsOf } from './organizations.ts'

/** Options of `createAuth` and `authProxy`. Many of them default to an environment variable, which is read when it is first needed. */
export type AuthOptions<Defined extends Access = Access> = {
  /**
   * The roles and permissions of your product, made by `defineAccess` (docs/permissions.md). Then a role or permission that it does not
   * define is refused, by the compiler and at run time. With a `customIssuer` that reads no permissions, users have those of their roles.
   * Default: none, and every name is accepted.
   */
  access?: Defined
  /** The URL at which Next reaches the auth server. Default: `SALLYPORT_URL`. */
  server?: string
  /**
   * The issuer of the tokens (`iss`). Default: `SALLYPORT_ISSUER`, else `server`. If your own backend issues the tokens, give the result
   * of `customIssuer`. Then there is no auth server, and `server` and `audience` are not needed.
   */
  issuer?: string | CustomIssuer
  /**
   * The audience (`aud`) that tokens for this Next app must have. Default: `SALLYPORT_AUDIENCE`. Required unless `issuer` is a
   * `customIssuer`.
   */
  audience?: string
  /** The URL at which Next reaches your API. Default: `API_URL`. */
  api?: string
  /** The API's paths that the browser may request through `/api`. Everything below such a path is included. Default: none. */
  apiPaths?: readonly string[]
  /**
   * How long `/api` waits for your API, in seconds. Each byte in either direction restarts the time. 0 means no limit. Between two parts of
   * an event stream there is never a limit.
   */
  apiTimeouts?: ApiTimeoutOptions
  /**
   * Whether scripts in HTML, SVG and XML of your API may run on the origin of the app, where they could use the session. Set it to true
   * only if nobody else can influence what the API returns. Default: false. With false, such responses get `Content-Security-Policy:
   * sandbox`.
   */
  trustApiDocuments?: boolean
  /**
   * More APIs. You call each of them as `api.<name>`. The browser requests the `paths` of each API through `/api`.
   *
   * @example
   * createAuth({ apis: { orders: { paths: ['/orders'], audience: 'orders-api' }, billing: { paths: ['/invoices'] } } })
   */
  apis?: ApiDefinitions
  /**
   * The public origin of the pages, such as `https://app.example.com`. Default: `APP_URL`. Cookies, `Origin` checks and redirects use it.
   * For preview deployments, give a list of origins and patterns. A pattern has a `*` in its left-most label, such as
   * `https://*.preview.example.com`. With a list, the host of a request selects one of the origins, and all other hosts are refused
   * (docs/proxy.md).
   */
  app?: string | readonly string[]
  /**
   * The common parent domain of pages and API, such as `example.com`. Set it only if the browser calls the API directly. With this option,
   * browsers send the cookies to all hosts below this domain, and the prefix of the cookies is `__Secure-` instead of `__Host-`. The auth
   * server must have the same value. Default: `SALLYPORT_COOKIE_DOMAIN`, else none.
   */
  cookieDomain?: string
  /**
   * Where the address of a page names an organization (docs/organizations.md). With `path`, `/o/acme` and everything below it belong to the
   * organization `acme`, and the browser calls your API for it at `/api/o/acme`. With `subdomain`, all pages of `acme.example.com` do. Then
   * `app` must be a list with the pattern `https://*.example.com`, and with the other hosts that are no organization. Give `createAuth` and
   * `authProxy` the same value. Default: none.
   */
  organizations?: 'path' | 'subdomain'
  /**
   * The page with the sign-in form, as a path of this app without `basePath`. Default: `/login`. If there are several sign-in pages, for
   * example one for each language, give a function. It gets the path of the page that requires a session, and returns the path of the
   * sign-in page. If it gets the path of a sign-in page, it must return that same path.
   *
   * @example
   * loginPath: (pathname) => (pathname.startsWith('/de/') ? '/de/login' : '/login')
   */
  loginPath?: string | ((pathname: string) => string)
  /**
   * The `basePath` of the app that has the sign-in page. Set it if another Next app on the same origin has that page (multi-zones). If that
   * app has no `basePath`, set `''`. If this option is set, `returnTo` begins with the `basePath` of this app. Default: the `basePath` of
   * this app.
   */
  loginBasePath?: string
  /**
   * The page on which a signed-in user confirms the password, as a path of this app without `basePath`. It opens before a page that
   * requires a more recent authentication (`maxAgeSeconds`). Like `loginPath`, this option can be a function. If `loginBasePath` is set, it
   * applies to both pages. Default: `/confirm`. See docs/step-up.md.
   */
  confirmPath?: string | ((pathname: string) => string)
  /**
   * The page that asks for the second factor after a sign-in at an outside provider, as a path of this app without `basePath`. Default:
   * `/login/second-factor`. See docs/providers.md.
   */
  secondFactorPath?: string
  /** The page that opens after sign-in if no other page was requested, as a path of this app without `basePath`. Default: `/dashboard`. */
  homePath?: string
  /** An access token is renewed this many seconds before it expires. Default: 60; from 0 to 3,600. */
  refreshBeforeExpirySeconds?: number
  /**
   * How many seconds the auth server's clock may be ahead of the clock of the Next app. `iat`, `nbf` and `auth_time` of a token may be this
   * far in the future. `exp` has no tolerance. Default: 5; from 0 to 300. Give `createAuth` and `authProxy` the same value. With a
   * `customIssuer`, set `access.clockToleranceSeconds` instead. See docs/clocks.md.
   */
  clockToleranceSeconds?: number
  /**
   * The number of reverse proxies in front of Next that append to `X-Forwarded-For`. Default: `SALLYPORT_TRUSTED_PROXY_HOPS`, else 0. With
   * 0 no proxy is trusted. Then the IP addresses of visitors are unknown, and all visitors together have the rate limit of one network.
   */
  trustedProxyHops?: number
  /** How long to wait for the auth server or the custom issuer, in seconds. Default: 10; from 0.1 to 60. See docs/refresh.md. */
  serverTimeoutSeconds?: number
  /**
   * The secret that identifies this front end to the auth server. Default: `SALLYPORT_FRONTEND_SECRET`. Required in production, unless
   * `issuer` is a `customIssuer`. If it is a comma-separated list (`new,old`), the first secret is sent.
   */
  frontendSecret?: string
  /**
   * The secret for introspection and the revocation feed (the stream of ended sessions). Default: `SALLYPORT_VERIFIER_SECRET`. Required in
   * production, unless `issuer` is a `customIssuer`.
   */
  verifierSecret?: string
}

/** The names of the options of `createAuth`. The compiler reports a missing name. */
export const authOptionNames = Object.keys({
  access: 0,
  server: 0,
  issuer: 0,
  audience: 0,
  api: 0,
  apiPaths: 0,
  apiTimeouts: 0,
  trustApiDocuments: 0,
  apis: 0,
  app: 0,
  cookieDomain: 0,
  organizations: 0,
  loginPath: 0,
  confirmPath: 0,
  loginBasePath: 0,
  secondFactorPath: 0,
  homePath: 0,
  refreshBeforeExpirySeconds: 0,
  clockToleranceSeconds: 0,
  trustedProxyHops: 0,
  serverTimeoutSeconds: 0,
  frontendSecret: 0,
  verifierSecret: 0,
} satisfies Record<keyof AuthOptions, 0>)

/** The options, checked and complete. */
export type Config = Credentials &
  LoginPlace & {
    access: Access | undefined
    serverUrl: URL
    issuer: string
    /** The backend that issues the tokens instead of our auth server. */
    custom: CustomIssuer | null
    audience: string
    api: ApiTarget | null
    /** The APIs of the option `apis`. */
    apis: readonly NamedApi[]
    /** The origin of the pages. If there are several, this is the first one. `configAt` returns the origin for a request. */
    appUrl: URL
    /** The origins from which the host of a request selects one. Null if there is only one origin, which is then used for all hosts. */
    appOrigins: readonly string[] | null
    secure: boolean
    /** The `Domain` of the cookies. If it is undefined, the cookies are for this host only. */
    cookieDomain: string | undefined
    /** Where the address names an organization. Null if it never does. */
    organizations: 'path' | 'subdomain' | null
    cookies: CookieNames
    deviceCookie: string
    /** The names of the cookies that bind one step of a sign-in to a browser. */
    signInCookies: Record<SignInCookie, string>
    /** The name of the cookie that scripts can read (docs/client-session.md). */
    sessionMark: string
    secondFactorPath: string
    homePath: string
    refreshBeforeExpiryMs: number
    clockToleranceSeconds: number
    trustedProxyHops: number
    serverTimeoutMs: number
  }

/** For how many seconds the browser stores the refresh cookie. Only the server decides when the session ends. */
export const refreshCookieMaxAgeSeconds = 90 * 24 * 60 * 60

/**
 * Checks the options. If an option is missing, its environment variable is used.
 *
 * @throws TypeError if a value is missing or invalid. The message names the option and its environment variable, and says how to fix it.
 */
export function readConfig(
  options: AuthOptions,
  env: Record<string, string | undefined> = process.env,
): Config {
  const { appUrl, appOrigins } = readAppOrigins(options.app ?? env.APP_URL)
  const custom = typeof options.issuer === 'object' ? options.issuer : null
  const serverUrl = custom?.url ?? originOf('server', 'SALLYPORT_URL', options.server ?? env.SALLYPORT_URL)
  const ownIssuer = custom ? undefined : env.SALLYPORT_ISSUER
  const secure = appUrl.protocol === 'https:'
  const cookieDomain = domainAbove(
    appOrigins ?? [appUrl.origin],
    options.cookieDomain ?? env.SALLYPORT_COOKIE_DOMAIN,
  )
  const audience = custom ? '' : (options.audience ?? env.SALLYPORT_AUDIENCE)
  if (audience === undefined || (audience === '' && custom === null)) {
    throw new TypeError(
      'This Next app has no audience, so it would accept tokens for other services. Set `audience` or SALLYPORT_AUDIENCE to one of the names in SALLYPORT_AUDIENCE of the auth server.',
    )
  }
  return {
    access: options.access === undefined ? undefined : readAccess(options.access),
    serverUrl,
    issuer: typeof options.issuer === 'string' ? options.issuer : (ownIssuer ?? serverUrl.origin),
    custom,
    audience,
    api: apiOf(options, options.api ?? env.API_URL),
    apis: namedApisOf(options, env),
    appUrl,
    appOrigins,
    secure,
    cookieDomain,
    organizations: organizationsOf(options, custom, appOrigins),
    cookies: cookieNames({ secure, domain: cookieDomain }),
    deviceCookie: deviceCookieName({ secure, domain: cookieDomain }),
    signInCookies: signInCookieNames({ secure, domain: cookieDomain }),
    sessionMark: sessionMarkName({ secure, domain: cookieDomain }),
    loginPath: pagePathOf('loginPath', options.loginPath ?? '/login'),
    confirmPath: pagePathOf('confirmPath', options.confirmPath ?? '/confirm'),
    loginBasePath: checkedLoginBasePath(options.loginBasePath),
    secondFactorPath: checkedPagePath('secondFactorPath', options.secondFactorPath ?? '/login/second-factor'),
    homePath: checkedPagePath('homePath', options.homePath ?? '/dashboard'),
    refreshBeforeExpiryMs:
      bounded('refreshBeforeExpirySeconds', options.refreshBeforeExpirySeconds ?? 60, 0, 3600) * 1000,
    clockToleranceSeconds: clockToleranceOf(options, custom),
    trustedProxyHops: readTrustedProxyHops(options.trustedProxyHops, env),
    serverTimeoutMs: bounded('serverTimeoutSeconds', options.serverTimeoutSeconds ?? 10, 0.1, 60) * 1000,
    ...(custom === null
      ? readCredentials(
          {
            frontendSecret: options.frontendSecret || env.SALLYPORT_FRONTEND_SECRET,
            verifierSecret: options.verifierSecret || env.SALLYPORT_VERIFIER_SECRET,
          },
          { production: isProduction(appUrl, env.NODE_ENV), serverSecret: env.SALLYPORT_SECRET },
        )
      : noCredentials),
  }
}

function clockToleranceOf({ clockToleranceSeconds }: AuthOptions, custom: CustomIssuer | null): number {
  if (custom !== null && clockToleranceSeconds !== undefined)
    throw new TypeError(
      'With a customIssuer, set `clockToleranceSeconds` in its `access`, next to `publicKey` or `jwksUrl`.',
    )
  return bounded('clockToleranceSeconds', clockToleranceSeconds ?? 5, 0, 300)
}

/** Reads the options at the first request and not at import, so that `next build` works without the URLs. */
export function lazyConfig(options: AuthOptions): () => Config {
  let resolved: Config | undefined
  return () => {
    resolved ??= readConfig(options)
    return resolved
  }
}

/** Checks a path that is given as a string. If the option is a function, its result is checked at each call. */
function pagePathOf(option: 'loginPath' | 'confirmPath', path: LoginPath): LoginPath {
  return typeof path === 'function' ? path : checkedPagePath(option, path)
}

function apiOf(options: AuthOptions, address: string | undefined): ApiTarget | null {
  const {
    apiPaths: paths = [],
    apiTimeouts: timeouts = {},
    trustApiDocuments: trustDocuments = false,
  } = options
  const names = { url: 'api', timeouts: 'apiTimeouts', trustDocuments: 'trustApiDocuments' }
  const settings = apiSettings(names, { paths, timeouts, trustDocuments })
  return address ? { url: baseOf('api', 'API_URL', address), ...settings } : null
}

function namedApisOf(
  { apis = {}, apiPaths }: AuthOptions,
  env: Record<string, string | undefined>,
): readonly NamedApi[] {
  requireApis(apis, apiPaths)
  return Object.entries(apis).map(
    ([name, { url, paths = [], audience, timeouts = {}, trustDocuments = false }]) => {
      const option = (of: string) => `apis.${name}.${of}`
      const names = {
        url: option('url'),
        timeouts: option('timeouts'),
        trustDocuments: option('trustDocuments'),
      }
      const variable = apiUrlVariable(name)
      return {
        name,
        url: baseOf(names.url, variable, url ?? env[variable]),
        audience: audience ?? null,
        ...apiSettings(names, { paths, timeouts, trustDocuments }),
      }
    },
  )
}

/** @param names The names of the options, for error messages. */
function apiSettings(
  names: { timeouts: string; trustDocuments: string },
  { paths, timeouts, trustDocuments }: Required<Pick<ApiDefinition, 'paths' | 'timeouts' | 'trustDocuments'>>,
): Omit<ApiTarget, 'url'> {
  requireKnownOptions(`\`${names.timeouts}\``, timeouts, [
    'connectSeconds',
    'answerSeconds',
    'silenceSeconds',
  ])
  const ms = (name: keyof typeof timeouts, seconds: number) =>
    bounded(`${names.timeouts}.${name}`, timeouts[name] ?? seconds, 0, 24 * 3600) * 1000
  if (typeof trustDocuments !== 'boolean')
    throw new TypeError(`\`${names.trustDocuments}\` must be true or false.`)
  return {
    paths: paths.map(checkedPath),
    timeouts: {
      connectMs: ms('connectSeconds', 10),
      answerMs: ms('answerSeconds', 60),
      silenceMs: ms('silenceSeconds', 300),
    },
    trustsDocuments: trustDocuments,
  }
}
