import type { AlgorithmName } from './algorithms.ts'
import { refuseToken } from './auth-error.ts'
import { parseCompactToken } from './compact-token.ts'
import type { KeySet } from './key-set.ts'
import type { JsonObject } from './strict-json.ts'
import type { VerificationKey } from './verification-key.ts'

/** The rules for the header of a token. */
export type HeaderRules = {
  algorithms: readonly AlgorithmName[]
  /** The accepted values of `typ`, in lower case. If it is undefined, `typ` is not checked. */
  types?: ReadonlySet<string>
}

/** The payload of a token with a valid signature, and the key of that signature. The claims are not checked yet. */
export type SignedToken = { payload: Uint8Array; key: VerificationKey }

/**
 * Verifies the header and the signature of a JWS in compact form. Every verifier of this package uses this function. It checks the
 * structure, the header and the key, and then verifies the signature, so each token needs at most one signature check. It never fetches a
 * URL from a token: `jku`, `x5u`, `jwk`, `x5c` and similar members are ignored (RFC 8725 section 3.10).
 *
 * @param keys - The key set in which the key with the token's `kid` is found, or the issuer's only key. For a single key, `kid` is ignored.
 * @throws AuthError `token_invalid`; `unavailable` if the keys cannot be fetched.
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
  // RFC 8725 section 3.11: the type is checked, so that tokens of another kind are not accepted as access tokens.
  if (types !== undefined && !(typeof typ === 'string' && types.has(typ.toLowerCase())))
    refuseToken('not an access token')
  // RFC 7515 section 4.1.11: this verifier implements no extension, so it refuses a token that requires one.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64'))
    refuseToken('an extension we do not know')
  // RFC 7519 section 5.2: with `cty`, the payload is another JWT instead of claims.
  if (Object.hasOwn(header, 'cty')) refuseToken('a nested token')
}

function keyIdOf({ kid }: JsonObject): string {
  if (typeof kid !== 'string' || kid.length === 0 || kid.length > 255) refuseToken('no key id')
  return kid as string
}
