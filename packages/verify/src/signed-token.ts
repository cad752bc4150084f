import type { AlgorithmName } from './algorithms.ts'
import { refuseToken } from './auth-error.ts'
import { parseCompactToken } from './compact-token.ts'
import type { KeySet } from './key-set.ts'
import type { JsonObject } from './strict-json.ts'
import type { VerificationKey } from './verification-key.ts'

/** What the header of a token is checked against. */
export type HeaderRules = {
  algorithms: readonly AlgorithmName[]
  /** The values of `typ` that are accepted, in lower case. Undefined: any, and none. */
  types?: ReadonlySet<string>
}

/** A token whose signature is valid, and the key that verified it. Its claims have not been checked. */
export type SignedToken = { payload: Uint8Array; key: VerificationKey }

/**
 * Verifies the header and the signature of a JWS in compact form, for every verifier of this package. The order is: shape, header, key,
 * signature. So at most one signature is computed, and nothing that the token names is fetched: `jku`, `x5u`, `jwk`, `x5c` and the like
 * are ignored (RFC 8725 section 3.10).
 *
 * @param keys - The key set that has the key of each `kid`, or the issuer's one key: then `kid` is not read.
 * @throws AuthError `token_invalid`; `unavailable` when the keys cannot be fetched.
 */
export async function verifySignedToken(
  token: string,
  rules: HeaderRules,
  keys: KeySet | VerificationKey,
): Promise<SignedToken> {
  const { header, payload, signature, signingInput } =
    parseCompactToken(token) ?? refuseToken('not a JWS in compact form')
  checkHeader(header, rules)
  const key = 'find' in keys ? ((await keys.find(keyIdOf(header))) ?? refuseToken('no such key')) : keys
  if (key.algorithm !== header.alg) refuseToken('the key is for another algorithm')
  if (!key.verify(signingInput, signature)) refuseToken('the signature is wrong')
  return { payload, key }
}

function checkHeader(header: JsonObject, { algorithms, types }: HeaderRules): void {
  const { alg, typ } = header
  if (typeof alg !== 'string') refuseToken('no algorithm')
  if (!(algorithms as readonly unknown[]).includes(alg)) refuseToken('the algorithm is not allowed')
  // RFC 8725 section 3.11: explicit typing keeps tokens of another kind from passing as access tokens.
  if (types !== undefined && !(typeof typ === 'string' && types.has(typ.toLowerCase())))
    refuseToken('not an access token')
  // RFC 7515 section 4.1.11: no extension is implemented, so a token that requires one is refused.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64'))
    refuseToken('an extension we do not know')
  // RFC 7519 section 5.2: the payload is another JWT, not claims.
  if (Object.hasOwn(header, 'cty')) refuseToken('a nested token')
}

function keyIdOf({ kid }: JsonObject): string {
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > 255) refuseToken('no key id')
  return kid as string
}
