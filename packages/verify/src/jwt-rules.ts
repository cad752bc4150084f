import { type AlgorithmName, algorithms } from './algorithms.ts'
import { readAlgorithms, readFunction, readNumber, readUrl, requireKnown } from './option-readers.ts'
import type { RegisteredClaimRules } from './registered-claims.ts'

/** The rules for tokens of an issuer other than Sallyport. */
export type JwtRules = (
  | {
      /** The URL of the issuer's key set (RFC 7517). Each token must contain the `kid` of its key. */
      jwksUrl: string
      publicKey?: undefined
    }
  | {
      /** The issuer's only public key, as PEM. The `kid` of tokens is ignored. */
      publicKey: string
      jwksUrl?: undefined
    }
) & {
  /**
   * The claims, with their exact values, that an access token has and other tokens of the same key do not have. For Django's SimpleJWT: `{
   * token_type: 'access' }`. Without such a claim, a refresh token would be accepted as an access token. Pass `{}` only if the issuer uses
   * this key for nothing but access tokens.
   */
  claims: Readonly<Record<string, string | number | boolean>>
  /** The required `iss`, if the issuer sets one. */
  issuer?: string
  /** The required `aud`, if the issuer sets one. */
  audience?: string
  /** The allowed algorithms. Default: all supported algorithms. All of them are asymmetric. */
  algorithms?: readonly AlgorithmName[]
  /** How far the issuer's clock may be ahead of this machine's clock. Seconds, default 30, range 0 to 300. Does not apply to `exp`. */
  clockToleranceSeconds?: number
  /** For tests: replaces the global `fetch`. */
  fetch?: typeof fetch
  /** For tests: returns milliseconds since 1970. */
  clock?: () => number
}

/** The rules with all defaults. `jwksUrl` is used if `publicKey` is null. */
export type JwtConfig = RegisteredClaimRules & {
  jwksUrl: string
  publicKey: string | null
  claims: Readonly<Record<string, string | number | boolean>>
  algorithms: readonly AlgorithmName[]
  fetch: typeof fetch
  clock: () => number
}

const ruleNames = new Set([
  'jwksUrl',
  'publicKey',
  'claims',
  'issuer',
  'audience',
  'algorithms',
  'clockToleranceSeconds',
  'fetch',
  'clock',
])

/** Checks the rules and adds the defaults. If a rule is wrong, throws a TypeError that says how to fix it. */
export function readJwtRules(rules: JwtRules): JwtConfig {
  requireKnown(rules, ruleNames, '')
  const { jwksUrl, publicKey } = rules as { jwksUrl?: unknown; publicKey?: unknown }
  if ((jwksUrl === undefined) === (publicKey === undefined))
    throw new TypeError('Pass the keys of the issuer once: either `jwksUrl`, or `publicKey`.')
  if (publicKey !== undefined && typeof publicKey !== 'string')
    throw new TypeError('`publicKey` must be the PEM of a public key.')
  return {
    jwksUrl: publicKey === undefined ? readUrl('jwksUrl', jwksUrl) : '',
    publicKey: publicKey ?? null,
    claims: readFixedClaims(rules.claims),
    issuer: readText('issuer', rules.issuer),
    audience: readText('audience', rules.audience),
    algorithms: readAlgorithms(rules.algorithms === undefined ? Object.keys(algorithms) : rules.algorithms),
    clockToleranceSeconds: readNumber('clockToleranceSeconds', rules.clockToleranceSeconds, 30, 0, 300),
    maxTokenLifetimeSeconds: Number.POSITIVE_INFINITY,
    fetch: readFunction('fetch', rules.fetch, (input, init) => globalThis.fetch(input, init)),
    clock: readFunction('clock', rules.clock, Date.now),
  }
}

/** Checks the fixed claims. Undefined is refused as a value, because every token without the claim would be accepted. */
function readFixedClaims(claims: unknown): JwtConfig['claims'] {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims))
    throw new TypeError(
      '`claims` is missing. Pass the claims that distinguish an access token from other tokens under the same key, such as { token_type: "access" }; or {} if the issuer signs nothing else with it.',
    )
  for (const [name, value] of Object.entries(claims))
    if (!['string', 'boolean'].includes(typeof value) && !Number.isFinite(value))
      throw new TypeError(`\`claims.${name}\` must be a string, a finite number, true or false.`)
  return { ...claims }
}

/** Refuses empty text. It usually comes from an environment variable that was not set. */
function readText(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`${name} must be text that is not empty. Leave it out if the issuer sets none.`)
  return value
}
