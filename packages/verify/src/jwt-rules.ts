import { type AlgorithmName, algorithms } from './algorithms.ts'
import { readAlgorithms, readFunction, readNumber, readUrl, requireKnown } from './option-readers.ts'
import type { RegisteredClaimRules } from './registered-claims.ts'

/** How tokens of an issuer that is not Sallyport are told from anything else. */
export type JwtRules = (
  | {
      /** Where the issuer publishes its keys (RFC 7517). Tokens must name theirs by `kid`. */
      jwksUrl: string
      publicKey?: undefined
    }
  | {
      /** The issuer's one public key, as PEM. A `kid` in tokens is not looked at. */
      publicKey: string
      jwksUrl?: undefined
    }
) & {
  /**
   * What tells an access token from every other token under the same key: claims that must have exactly these values, such as
   * `{ token_type: 'access' }` for Django's SimpleJWT. Without it a refresh token would pass as an access token. Pass `{}` only if
   * the issuer signs nothing else with this key.
   */
  claims: Readonly<Record<string, string | number | boolean>>
  /** `iss`, where the issuer sets one. */
  issuer?: string
  /** `aud`, where the issuer sets one. */
  audience?: string
  /** Default: every algorithm that we know, all of them asymmetric. */
  algorithms?: readonly AlgorithmName[]
  /** Seconds that the issuer's clock may be ahead of ours. Default 30, range 0 to 300. `exp` gets no such tolerance. */
  clockToleranceSeconds?: number
  /** For tests. */
  fetch?: typeof fetch
  /** For tests: milliseconds since 1970. */
  clock?: () => number
}

/** The rules with every default filled in: `jwksUrl` counts where `publicKey` is null. */
export type JwtSettings = RegisteredClaimRules & {
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

/** Checks the rules and fills in the defaults. Anything wrong is a TypeError that says how to mend it. */
export function readJwtRules(rules: JwtRules): JwtSettings {
  requireKnown(rules, ruleNames, '')
  const { jwksUrl, publicKey } = rules as { jwksUrl?: unknown; publicKey?: unknown }
  if ((jwksUrl === undefined) === (publicKey === undefined))
    throw new TypeError('Give the keys of the issuer once: either `jwksUrl`, or `publicKey`.')
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

/** A value that is undefined would let in every token that lacks the claim. */
function readFixedClaims(claims: unknown): JwtSettings['claims'] {
  if (typeof claims !== 'object' || claims === null || Array.isArray(claims))
    throw new TypeError(
      '`claims` is missing. Say what tells an access token from other tokens under the same key, such as { token_type: "access" }; {} if the issuer signs nothing else with it.',
    )
  for (const [name, value] of Object.entries(claims))
    if (!['string', 'boolean'].includes(typeof value) && !Number.isFinite(value))
      throw new TypeError(`\`claims.${name}\` must be a string, a finite number, true or false.`)
  return { ...claims }
}

/** An empty text is a variable that was not set, not the wish to skip the check. */
function readText(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '')
    throw new TypeError(`${name} must be a text that is not empty; leave it out if the issuer sets none.`)
  return value
}
