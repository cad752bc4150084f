import { longestAccessTokenLifeSeconds } from '@sallyport/protocol'
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

/** What to do while the revocation feed is silent. */
export type StalePolicy = 'introspect' | 'reject' | 'accept'

/** The source of revocations, and how current they must be. */
export type FeedOptions = {
  /** The address of the feed. Default: the issuer's `/api/auth/revocations`. */
  url?: string
  /** The address of introspection. Default: the issuer's `/api/auth/introspect`, or `introspect` next to `url`. */
  introspectUrl?: string
  /**
   * The verifier's own credential, sent as `Authorization: Bearer`; of a list (`new,old`) the first is sent: what the auth server has as `SALLYPORT_VERIFIER_SECRET`. Undefined
   * and empty are refused when the verifier is made, so that a variable that is not set shows at start.
   */
  credential: string | undefined
  /** Seconds without a line after which the feed counts as silent. Default 10, range 4 to 3,600. */
  maxStalenessSeconds?: number
  /**
   * What to do while the feed is silent: ask the auth server about each token (`introspect`, the default; 503 if it does not answer), refuse
   * all requests with 503 (`reject`), or accept tokens without checking revocation (`accept`).
   */
  whenStale?: StalePolicy
}

/** Options of `createVerifier`. */
export type VerifierOptions = {
  /** The exact `iss` of the tokens: the public URL of the auth server. https, or http on localhost. */
  issuer: string
  /** The name of this API: tokens must carry it in `aud`. */
  audience: string
  /** The address of the public keys. Default: the issuer's `/.well-known/jwks.json`. */
  jwksUrl?: string
  /** Another source of keys; nothing is fetched then. */
  keySet?: KeySet
  /** The allowed algorithms: some of `ES256`, `EdDSA`, `Ed25519`, `RS256`. Default: only `ES256`. */
  algorithms?: readonly AlgorithmName[]
  /**
   * The revocation feed. Without it, tokens of an ended session work until they expire. With `NODE_ENV=production` it is required; pass `false` to
   * verify without it.
   */
  feed?: FeedOptions | false | undefined
  /** Another source of revocations, instead of `feed`. */
  revocations?: Revocations
  /**
   * The exact names of cookies that may hold a token. Default: `__Host-accessToken`, `__Secure-accessToken`, and on a
   * localhost issuer `accessToken`. `[]` for an API that takes the header alone.
   */
  cookies?: readonly string[]
  /**
   * The origins whose pages may send requests that change state with a token in a cookie, such as
   * `https://app.example.com`. Default: none; the header is not affected.
   */
  origins?: readonly string[]
  /** How far in the future `iat` and `nbf` may be. Seconds, default 5, range 0 to 300. Does not apply to `exp`. */
  clockToleranceSeconds?: number
  /** The maximum `exp - iat` of a token. Seconds, default 3,600, range 1 to 86,400. */
  maxTokenLifetimeSeconds?: number
  /** How many verified tokens are cached. Default 10,000 (about 20 MB when full); 0 caches none. */
  cacheSize?: number
  /** Minimum seconds between two fetches caused by unknown key ids. Default 30. */
  jwksCooldownSeconds?: number
  /** Seconds after which the key set is fetched again; a shorter `Cache-Control: max-age` wins. Default 600. */
  jwksMaxAgeSeconds?: number
  /** Seconds that the key set may be used while the issuer does not answer; not less than `jwksMaxAgeSeconds`. Default 3,600. */
  jwksMaxStaleSeconds?: number
  /** Milliseconds since 1970. Default `Date.now`. */
  clock?: () => number
  /** Default: the global `fetch`. */
  fetch?: typeof fetch
}

/** The options with all defaults. */
export type VerifierConfig = Required<Omit<VerifierOptions, 'keySet' | 'revocations' | 'feed'>> & {
  keySet: KeySet | null
  revocations: Revocations | null
  feed: FeedConfig | null
}

/** The options of the feed with all defaults. */
export type FeedConfig = Required<FeedOptions> & { credential: string }

const optionNames = new Set([
  'issuer',
  'audience',
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

/** Checks the options and adds the defaults. Throws a TypeError that says how to fix what is wrong. */
export function readConfig(options: VerifierOptions): VerifierConfig {
  if (typeof options !== 'object' || options === null)
    throw new TypeError('createVerifier takes an object: createVerifier({ issuer, audience }).')
  requireKnown(options, optionNames, '')
  const issuer = readIssuer(options.issuer)
  if (typeof options.audience !== 'string' || options.audience === '')
    throw new TypeError(
      'audience must be the name of this API as the auth server puts it into `aud`, such as "billing-api".',
    )
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
      'jwksCooldownSeconds must not exceed jwksMaxAgeSeconds: a withdrawn key would be accepted for that long.',
    )
  if (maxStale < maxAge)
    throw new TypeError(
      'jwksMaxStaleSeconds must not be less than jwksMaxAgeSeconds. Lower jwksMaxAgeSeconds too.',
    )
  return {
    issuer,
    audience: options.audience,
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
        'feed is missing: ended sessions would be let in until their tokens expire. Pass feed: { credential: process.env.SALLYPORT_VERIFIER_SECRET }, or feed: false if that is what you want.',
      )
    return null
  }
  if (revocations !== undefined)
    throw new TypeError(
      'Give either feed or revocations, not both: a verifier has one source of revocations.',
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
    // Below the heartbeat of 3 seconds, a working connection would count as silent.
    maxStalenessSeconds: readNumber('feed.maxStalenessSeconds', feed.maxStalenessSeconds, 10, 4, 3600),
    whenStale,
  }
}

function defaultCookies(issuer: string): readonly string[] {
  const names = ['__Host-accessToken', '__Secure-accessToken']
  return new URL(issuer).protocol === 'http:' ? [...names, 'accessToken'] : names
}

function readCookieNames(names: unknown): readonly string[] {
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && /^[\w-]+$/.test(name)))
    throw new TypeError(
      'cookies must list exact cookie names made of letters, digits, "_" and "-"; [] for none.',
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
