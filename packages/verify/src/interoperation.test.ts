import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import { audience, createSigningKey, genuineClaims, issuer, issueToken, now } from './testing/issuer.ts'
import { importVerificationKey } from './verification-key.ts'
import { createVerifier } from './verifier.ts'

describe.each(['ES256', 'EdDSA', 'Ed25519', 'RS256'] as const)('%s between us and jose', (alg) => {
  test('accepts a token and a key set made by jose', async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true })
    const jwk = await jose.exportJWK(publicKey)
    const kid = await jose.calculateJwkThumbprint(jwk)
    const token = await new jose.SignJWT(genuineClaims())
      .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
      .sign(privateKey)
    const verifier = createVerifier({
      issuer,
      audience,
      algorithms: [alg],
      clock: () => now,
      fetch: () => Promise.resolve(Response.json({ keys: [{ ...jwk, kid, alg, use: 'sig' }] })),
    })
    await expect(verifier.verify(token)).resolves.toMatchObject({ userId: 'user-1' })
  })
})

test.each(['ES256', 'EdDSA', 'RS256'] as const)(
  '%s: jose accepts the tokens of our tests, from which the forgeries are made',
  async (alg) => {
    const key = createSigningKey('key-1', alg)
    expect(importVerificationKey(key.publicJwk)).not.toBeNull()
    const keySet = jose.createLocalJWKSet({ keys: [key.publicJwk as jose.JWK] })
    const { payload } = await jose.jwtVerify(issueToken(key), keySet, {
      issuer,
      audience,
      typ: 'at+jwt',
      currentDate: new Date(now),
    })
    expect(payload.sub).toBe('user-1')
  },
)
