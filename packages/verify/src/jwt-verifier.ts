import { AsyncLocalStorage } from 'node:async_hooks'
import { createPublicKey } from 'node:crypto'
import type { AlgorithmName } from './algorithms.ts'
import { AuthError, refuseToken } from './auth-error.ts'
import { type JwtConfig, type JwtRules, readJwtRules } from './jwt-rules.ts'
import type { KeySet } from './key-set.ts'
import { checkRegisteredClaims } from './registered-claims.ts'
import { RemoteKeySet } from './remote-key-set.ts'
import { verifySignedToken } from './signed-token.ts'
import { type JsonObject, parseJsonObject } from './strict-json.ts'
import { importVerificationKey, type VerificationKey } from './verification-key.ts'

/** Verifies tokens of one issuer other than Sallyport. Created by {@link createJwtVerifier}. */
export interface JwtVerifier {
  /**
   * Verifies a token and returns its claims. It checks the signature, the times and the claims that the rules require (RFC 8725).
   *
   * @throws AuthError `token_invalid`, `token_expired` (401); `unavailable` (503) if the keys cannot be fetched.
   */
  verify(token: string): Promise<JsonObject>
}

/**
 * Creates a verifier for the JWTs of an issuer other than Sallyport, such as a backend that issues its own tokens. The verifier does not
 * check revocation. It does not support shared secrets (such as HS256), because everybody who has the secret can create tokens.
 *
 * @throws TypeError if a rule is wrong. The message says how to fix it.
 * @example
 * const tokens = createJwtVerifier({ jwksUrl: 'https://api.example.com/jwks', claims: { token_type: 'access' } })
 * const claims = await tokens.verify(token)
 */
export function createJwtVerifier(rules: JwtRules): JwtVerifier {
  const config = readJwtRules(rules)
  const { clock } = config
  const keys =
    config.publicKey === null ? remoteKeySet(config) : readPublicKey(config.publicKey, config.algorithms)
  const fixed = Object.entries(config.claims)

  return {
    async verify(token) {
      const { payload } = await verifySignedToken(token, config, keys)
      const claims = parseJsonObject(payload) ?? refuseToken('the payload is not one JSON object')
      const now = clock()
      const { expiresAt } = checkRegisteredClaims(claims, config, 'any', now)
      for (const [name, value] of fixed) if (claims[name] !== value) refuseToken(`${name} is another`)
      if (!(expiresAt * 1000 > now)) throw new AuthError('token_expired', 'exp has passed')
      return claims
    },
  }
}

function remoteKeySet(config: JwtConfig): KeySet {
  // All requests share the fetched keys. So the fetch must not run in the async context of the request that caused it.
  const inOwnContext = AsyncLocalStorage.snapshot()
  return new RemoteKeySet({
    url: config.jwksUrl,
    algorithms: config.algorithms,
    maxAgeSeconds: 600,
    maxStaleSeconds: 3600,
    cooldownSeconds: 30,
    timeoutSeconds: 5,
    fetch: (input, init) => inOwnContext(() => config.fetch(input, init)),
    clock: config.clock,
    warn: (message) => process.emitWarning(message),
  })
}

function readPublicKey(pem: string, allowed: readonly AlgorithmName[]): VerificationKey {
  // `createPublicKey` would accept a private key and use its public part. Refuse it, so that the developer notices the mistake.
  if (/PRIVATE KEY/.test(pem))
    throw new TypeError('`publicKey` is a private key. Keep it at the issuer, and pass the public key.')
  try {
    const jwk = createPublicKey(pem).export({ format: 'jwk' })
    const key = importVerificationKey({ ...jwk, kid: 'the one' }, allowed)
    if (key !== null) return key
  } catch {
    // If the PEM cannot be read, or the key cannot be used, the error below is thrown.
  }
  throw new TypeError(
    `\`publicKey\` is not the PEM of a public key for ${allowed.join(', ')}, or the key is not safe. An RSA key must have 2,048 to 8,192 bits, an odd exponent of at least 65,537, and no known weakness such as ROCA. HS256 has no public key, so use \`introspect\` of a custom issuer for it.`,
  )
}
