import { AsyncLocalStorage } from 'node:async_hooks'
import { createPublicKey } from 'node:crypto'
import { type AlgorithmName, algorithms } from './algorithms.ts'
import { AuthError } from './auth-error.ts'
import { parseCompactToken } from './compact-token.ts'
import { RemoteKeySet } from './remote-key-set.ts'
import { type JsonObject, parseJsonObject } from './strict-json.ts'
import { importVerificationKey, type VerificationKey } from './verification-key.ts'

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
  /** Seconds that the issuer's clock may be ahead of ours. Default: 30. */
  clockToleranceSeconds?: number
  /** For tests. */
  fetch?: typeof fetch
  /** For tests: milliseconds since 1970. */
  clock?: () => number
}

/** Checks tokens of one issuer that is not Sallyport. Made by {@link createJwtVerifier}. */
export interface JwtVerifier {
  /**
   * The claims of a token whose signature, times and fixed claims have been found right (RFC 8725).
   *
   * @throws AuthError `token_invalid`, `token_expired` (401); `unavailable` (503) when the keys cannot be had.
   */
  verify(token: string): Promise<JsonObject>
}

/**
 * Makes a verifier for the JWTs of an issuer that is not Sallyport: a backend that hands out tokens of its own. It has no part in
 * revocation, and takes no shared secret: whoever holds one can make tokens too.
 *
 * @throws TypeError for a misconfiguration, with a sentence on how to mend it.
 * @example
 * const tokens = createJwtVerifier({ jwksUrl: 'https://api.example.com/jwks', claims: { token_type: 'access' } })
 * const claims = await tokens.verify(token)
 */
export function createJwtVerifier(rules: JwtRules): JwtVerifier {
  const allowed = rules.algorithms ?? (Object.keys(algorithms) as AlgorithmName[])
  const clock = rules.clock ?? Date.now
  const toleranceMs = (rules.clockToleranceSeconds ?? 30) * 1000
  const findKey = keyFinder(rules, allowed, clock)
  const fixed = Object.entries(rules.claims)

  return {
    async verify(token) {
      const parsed = parseCompactToken(token) ?? refuse('not a JWS in compact form')
      const { alg, kid } = parsed.header
      if (!(allowed as readonly unknown[]).includes(alg)) refuse('the algorithm is not allowed')
      // RFC 7515 section 4.1.11: we understand no extension, so a token that insists on one is refused.
      if (Object.hasOwn(parsed.header, 'crit') || Object.hasOwn(parsed.header, 'b64'))
        refuse('an extension we do not know')
      const key = (await findKey(kid)) ?? refuse('no such key')
      if (key.algorithm !== alg) refuse('the key is for another algorithm')
      if (!key.verify(parsed.signingInput, parsed.signature)) refuse('the signature is wrong')

      const claims = parseJsonObject(parsed.payload) ?? refuse('the payload is not one JSON object')
      if (rules.issuer !== undefined && claims.iss !== rules.issuer) refuse('the issuer is another')
      if (rules.audience !== undefined && ![claims.aud].flat().includes(rules.audience))
        refuse('the audience is another')
      for (const [name, value] of fixed) if (claims[name] !== value) refuse(`${name} is another`)
      // RFC 9449 section 7.1: a token bound to a key is no bearer token.
      if (claims.cnf !== undefined) refuse('the token is bound to a key, and this verifier checks no proof')
      const now = clock()
      if (timeOf(claims, 'exp') <= now) throw new AuthError('token_expired', 'exp has passed')
      for (const name of ['iat', 'nbf'])
        if (claims[name] !== undefined && timeOf(claims, name) > now + toleranceMs)
          refuse(`${name} is in the future`)
      return claims
    },
  }
}

function keyFinder(
  rules: JwtRules,
  allowed: readonly AlgorithmName[],
  clock: () => number,
): (kid: unknown) => VerificationKey | Promise<VerificationKey | null> | null {
  if (rules.publicKey !== undefined) {
    const key = readPublicKey(rules.publicKey, allowed)
    return () => key
  }
  if (!URL.canParse(rules.jwksUrl))
    throw new TypeError(`\`jwksUrl\` is not an address: ${JSON.stringify(rules.jwksUrl)}`)
  // What is fetched here outlives the request that happened to ask first: it must not run in that request's context.
  const inOwnContext = AsyncLocalStorage.snapshot()
  const send = rules.fetch ?? ((input, init) => globalThis.fetch(input, init))
  const keySet = new RemoteKeySet({
    url: rules.jwksUrl,
    algorithms: allowed,
    maxAgeSeconds: 600,
    maxStaleSeconds: 24 * 3600,
    cooldownSeconds: 30,
    timeoutSeconds: 5,
    fetch: (input, init) => inOwnContext(() => send(input, init)),
    clock,
  })
  return (kid) => (typeof kid === 'string' && kid.length <= 255 ? keySet.find(kid) : null)
}

function readPublicKey(pem: string, allowed: readonly AlgorithmName[]): VerificationKey {
  // A private key would be read as its public half; it has no business here, and whoever put it here should learn so.
  if (/PRIVATE KEY/.test(pem))
    throw new TypeError(
      '`publicKey` holds a private key. Keep that with the issuer, and pass the public one.',
    )
  try {
    const jwk = createPublicKey(pem).export({ format: 'jwk' })
    const key = importVerificationKey({ ...jwk, kid: 'the one' }, allowed)
    if (key !== null) return key
  } catch {
    // Said below, for both.
  }
  throw new TypeError(
    `\`publicKey\` is not the PEM of a public key for ${allowed.join(', ')}. For HS256 there is none: ask the issuer by \`introspect\`.`,
  )
}

/** NumericDate (RFC 7519 section 2) may have a fraction; here in milliseconds. */
function timeOf(claims: JsonObject, name: string): number {
  const value = claims[name]
  if (typeof value !== 'number' || value < 0) refuse(`${name} is not a time`)
  return (value as number) * 1000
}

function refuse(reason: string): never {
  throw new AuthError('token_invalid', reason)
}
