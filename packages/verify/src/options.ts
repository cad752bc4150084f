import { type Access, cookieNames, longestAccessTokenLifeSeconds, readAccess } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { isLoopbackHost } from '@sallyport/protocol/loopback'
import { credentialToSend } from '@sallyport/protocol/secret'
import type { AlgorithmName } from './algorithms.ts'
import type { KeySet } from './key-set.ts'
import {
  readAlgorithms,
  readFunction,
  readNumber,
  readObject,
  readUrl,
  requireKnown,
} from './option-readers.ts'
import type { Revocations } from './revocation-set.ts'

/**
 * What the verifier does while the revocation feed (the stream of ended sessions from the auth server) is silent. The feed counts as silent
 * if no line arrives for `maxStalenessSeconds`.
 */
export type StalePolicy = 'introspect' | 'reject' | 'accept'

/** The source from which the verifier gets revocations, and how current they must be. */
export type FeedOptions = {
  /** The URL of the feed. Default: the issuer's `/api/auth/revocations`. */
  url?: string
  /**
   * The URL of introspection. Default: the issuer's `/api/auth/introspect`. If `url` is set, the default is `introspect` in the same folder
   * as `url`.
   */
  introspectUrl?: string
  /**
   * The secret by which the auth server recognizes this verifier: the value of the auth server's setting `SALLYPORT_VERIFIER_SECRET`. It is
   * sent as `Authorization: Bearer`. If the value is a list (`new,old`), the first one is sent. If it is undefined or empty,
   * `createVerifier` throws, so that you notice a missing environment variable at start.
   */
  credential: string | undefined
  /** The time, in seconds, after which the feed counts as silent if no line arrives. Default 10, range 4 to 3,600. */
  maxStalenessSeconds?: number
  /**
   * What the verifier does while the feed is silent. `introspect` (the default) asks the auth server about each token, and refuses the
   * request with 503 if the server does not answer. `reject` refuses all requests with 503. `accept` accepts tokens without checking
   * revocation.
   */
  whenStale?: StalePolicy
}

/** Options of `createVerifier`. */
export type VerifierOptions<Defined extends Access = Access> = {
  /** The exact `iss` of the tokens, which is the public URL of the auth server. It must be https, or http on localhost. */
  issuer: string
  /** The name of this API. The `aud` of each token must contain it. */
  audience: string
  /**
   * Which tokens this API accepts (docs/organizations.md). With `required`, only tokens for an organization: all data of the API belongs to
   * organizations. With `optional`, also tokens without one; then each endpoint must check `principal.organizationId`. Default: tokens for an
   * organization are refused, because everybody can be the owner of an organization.
   */
  organizations?: 'required' | 'optional' | undefined
  /**
   * The roles and permissions of your product, made by `defineAccess` (docs/permissions.md). Then guards accept only names that it defines.
   * If the permissions of a user do not fit into a token, the verifier takes them from here. Default: none, and every name is accepted.
   */
  access?: Defined | undefined
  /** The URL of the public keys. Default: the issuer's `/.well-known/jwks.json`. */
  jwksUrl?: string
  /** Another source of keys. If it is set, the verifier does not fetch keys. */
  keySet?: KeySet
  /** The allowed signature algorithms. Default: only `ES256`. */
  algorithms?: readonly AlgorithmName[]
  /**
   * The revocation feed. Without it, tokens of an ended session are accepted until they expire. If `NODE_ENV` is `production`, this option
   * or `revocations` is required. Pass `false` if you do not want a feed.
   */
  feed?: FeedOptions | false | undefined
  /** Another source of revocations, which is used instead of `feed`. */
  revocations?: Revocations
  /**
   * The exact names of the cookies from which a token is read. Default: `__Host-accessToken` and `__Secure-accessToken`, and also
   * `accessToken` if the issuer is on localhost. Pass `[]` if the API accepts tokens only in the header.
   */
  cookies?: readonly string[]
  /**
   * The allowed origins of requests that change state and have their token in a cookie, such as `https://app.example.com`. Default: none.
   * Requests with the token in the header are not affected.
   */
  origins?: readonly string[]
  /** How far `iat`, `nbf` and `auth_time` may be in the future. Seconds, default 5, range 0 to 300. Does not apply to `exp`. */
  clockToleranceSeconds?: number
  /** The maximum lifetime of a token (`exp - iat`). Seconds, default 3,600, range 1 to 86,400. */
  maxTokenLifetimeSeconds?: number
  /** The maximum number of verified tokens in the cache. Default 10,000 (about 20 MB). 0 switches the cache off. */
  cacheSize?: number
  /** The minimum time between two fetches of the key set that are caused by unknown key ids. Seconds, default 30. */
  jwksCooldownSeconds?: number
  /**
   * The time, in seconds, after which the key set is fetched again. Default 600. If the response has a shorter `Cache-Control: max-age`,
   * that time is used.
   */
  jwksMaxAgeSeconds?: number
  /** How long, in seconds, the key set is used while the issuer does not answer. Default 3,600. It must be at least `jwksMaxAgeSeconds`. */
  jwksMaxStaleSeconds?: number
  /** Returns milliseconds since 1970. Default: `Date.now`. */
  clock?: () => number
  /** The function that sends all requests of the verifier. Default: the global `fetch`. */
  fetch?: typeof fetch
}

/** The options with all defaults. */
export type VerifierConfig = Required<
  Omit<VerifierOptions, 'access' | 'keySet' | 'revocations' | 'feed' | 'organizations'>
> & {
  organizations: 'required' | 'optional' | undefined
  access: Access | undefined
  keySet: KeySet | null
  revocations: Revocations | null
  feed: FeedConfig | null
}

/** The options of the feed with all defaults. */
export type FeedConfig = Required<FeedOptions> & { credential: string }

const optionNames = new Set([
  'issuer',
  'audience',
  'organizations',
  'access',
  'jwksUrl',
  'keySet',
  'algorithms',
  'feed',
  'revocations',
  'cookies',
  'origins',
  'clockToleranceSeconds',
  'maxTokenLifetimeSeconds',
  'cacheSize',
  'jwksCooldownSeconds',
  'jwksMaxAgeSeconds',
  'jwksMaxStaleSeconds',
  'clock',
  'fetch',
])
const revocationFunctions = ['findRefusal', 'isCurrent', 'add', 'start', 'load', 'close']
const feedOptionNames = new Set(['url', 'introspectUrl', 'credential', 'maxStalenessSeconds', 'whenStale'])

/** Checks the options and adds the defaults. If an option is wrong, throws a TypeError that says how to fix it. */
export function readConfig(options: VerifierOptions): VerifierConfig {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('createVerifier takes an object: createVerifier({ issuer, audience }).')
  requireKnown(options, optionNames, '')
  const issuer = readIssuer(options.issuer)
  if (typeof options.audience !== 'string' || options.audience === '')
    throw new TypeError(
      'audience must be the name of this API as the auth server puts it into `aud`, such as "billing-api".',
    )
  const { organizations } = options
  if (organizations !== undefined && organizations !== 'required' && organizations !== 'optional')
    throw new TypeError("organizations must be 'required' or 'optional', or left out.")
  const feed = readFeed(options, issuer)
  const cooldown = readNumber('jwksCooldownSeconds', options.jwksCooldownSeconds, 30, 1, 3600)
  const maxAge = readNumber('jwksMaxAgeSeconds', options.jwksMaxAgeSeconds, 600, 1, 86_400)
  const maxStale = readNumber(
    'jwksMaxStaleSeconds',
    options.jwksMaxStaleSeconds,
    Math.max(3600, maxAge),
    1,
    604_800,
  )
  if (cooldown > maxAge)
    throw new TypeError(
      'jwksCooldownSeconds must not exceed jwksMaxAgeSeconds. Otherwise a withdrawn key would be accepted for longer than jwksMaxAgeSeconds.',
    )
  if (maxStale < maxAge)
    throw new TypeError(
      'jwksMaxStaleSeconds must not be less than jwksMaxAgeSeconds. Raise jwksMaxStaleSeconds, or lower jwksMaxAgeSeconds.',
    )
  return {
    issuer,
    audience: options.audience,
    organizations,
    access: options.access === undefined ? undefined : readAccess(options.access),
    jwksUrl: readUrl('jwksUrl', options.jwksUrl, beside(issuer, paths.jwks)),
    keySet: readObject('keySet', options.keySet, ['find', 'load']),
    algorithms: readAlgorithms(options.algorithms ?? ['ES256']),
    feed,
    revocations: readObject('revocations', options.revocations, revocationFunctions),
    cookies: readCookieNames(options.cookies === undefined ? defaultCookies(issuer) : options.cookies),
    origins: readOrigins(options.origins ?? []),
    clockToleranceSeconds: readNumber('clockToleranceSeconds', options.clockToleranceSeconds, 5, 0, 300),
    maxTokenLifetimeSeconds: readNumber(
      'maxTokenLifetimeSeconds',
      options.maxTokenLifetimeSeconds,
      longestAccessTokenLifeSeconds,
      1,
      86_400,
    ),
    cacheSize: readNumber('cacheSize', options.cacheSize, 10_000, 0, 1_000_000),
    jwksCooldownSeconds: cooldown,
    jwksMaxAgeSeconds: maxAge,
    jwksMaxStaleSeconds: maxStale,
    clock: readFunction('clock', options.clock, Date.now),
    fetch: readFunction('fetch', options.fetch, (input, init) => globalThis.fetch(input, init)),
  }
}

function readIssuer(issuer: unknown): string {
  const url = typeof issuer === 'string' && URL.canParse(issuer) ? new URL(issuer) : null
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname))
  if (!url || !isSafe || url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    throw new TypeError(
      'issuer must be the exact `iss` of the tokens: an https URL (http on localhost only) without query, fragment or user.',
    )
  return issuer as string
}

function beside(issuer: string, path: string): string {
  return issuer.replace(/\/$/, '') + path
}

function readFeed(options: VerifierOptions, issuer: string): FeedConfig | null {
  const { feed, revocations } = options
  if (feed === undefined || feed === false) {
    if (feed === undefined && revocations === undefined && process.env.NODE_ENV === 'production')
      throw new TypeError(
        'feed is missing. Without a feed, tokens of ended sessions are accepted until they expire. Pass feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET }. If you do not want a feed, pass feed: false.',
      )
    return null
  }
  if (revocations !== undefined)
    throw new TypeError(
      'Give either feed or revocations, not both, because a verifier has only one source of revocations.',
    )
  requireKnown(feed, feedOptionNames, 'feed.')
  if (feed.credential === undefined || feed.credential === '')
    throw new TypeError(
      'feed.credential is missing or empty. Set SALLYPORT_VERIFIER_SECRET to the secret that the auth server has under that name, and pass feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET }.',
    )
  const given = credentialToSend(typeof feed.credential === 'string' ? feed.credential : '')
  if ('fault' in given)
    throw new TypeError(
      `feed.credential must be the secret that the auth server expects of verifiers (SALLYPORT_VERIFIER_SECRET). This one ${given.fault}`,
    )
  const whenStale = feed.whenStale ?? 'introspect'
  if (!['introspect', 'reject', 'accept'].includes(whenStale))
    throw new TypeError('feed.whenStale must be "introspect", "reject" or "accept".')
  const url = readUrl('feed.url', feed.url, beside(issuer, paths.revocations))
  return {
    url,
    introspectUrl: readUrl('feed.introspectUrl', feed.introspectUrl, new URL('introspect', url).href),
    credential: given.credential,
    // The server sends a heartbeat every 3 seconds. With a lower value, a working connection would count as silent.
    maxStalenessSeconds: readNumber('feed.maxStalenessSeconds', feed.maxStalenessSeconds, 10, 4, 3600),
    whenStale,
  }
}

function defaultCookies(issuer: string): readonly string[] {
  const isHttp = new URL(issuer).protocol === 'http:'
  const topologies = [
    { secure: true },
    { secure: true, domain: 'any' },
    ...(isHttp ? [{ secure: false }] : []),
  ]
  return topologies.map((topology) => cookieNames(topology).accessToken)
}

function readCookieNames(names: unknown): readonly string[] {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && /^[\w-]+$/.test(name)))
    throw new TypeError(
      'cookies must list exact cookie names made of letters, digits, "_" and "-". Give [] for none.',
    )
  return [...new Set<string>(names)]
}

function readOrigins(origins: unknown): readonly string[] {
  const isOrigin = (value: unknown): boolean =>
    typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
  if (!Array.isArray(origins) || !origins.every(isOrigin))
    throw new TypeError(
      'origins must list exact origins such as "https://app.example.com": no path, no trailing slash, no wildcard.',
    )
  return [...origins]
}
