import { calculateJwkThumbprint, importJWK, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { keyringOf } from './keyring.ts'
import {
  accessTokenBytes,
  claimedSessionOf,
  maxAccessTokenBytes,
  signAccessToken,
  verifiedClaimsOf,
} from './sign-access-token.ts'
import { makeSigningKey, openSigningKey } from './signing-key.ts'

const keyring = keyringOf('server-7RtYh3NbVc9XzLk5JhGf2DsAqW')
const claims = {
  iss: 'http://localhost:4000',
  aud: ['billing-api'],
  sub: 'user-1',
  sid: 'session-1',
  ver: 4,
  jti: 'token-1',
  iat: 1_700_000_000,
  exp: 1_700_000_600,
  auth_time: 1_700_000_000,
  amr: ['pwd'],
  roles: ['member'],
}

test('publishes only the public part of a key, named by its thumbprint [J30, RFC 7638]', async () => {
  const { publicJwk, kid } = await makeSigningKey(keyring)
  const jwk = JSON.parse(publicJwk) as Record<string, string>
  expect(Object.keys(jwk).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  expect(jwk).toMatchObject({ kid, alg: 'ES256', use: 'sig', crv: 'P-256' })
  expect(await calculateJwkThumbprint(jwk)).toBe(kid)
})

test('stores the private key sealed, and opens it only under the same secret and kid', async () => {
  const sealed = await makeSigningKey(keyring)
  const other = await makeSigningKey(keyring)
  expect(Buffer.from(sealed.sealedPrivateKey, 'base64url').toString('latin1')).not.toContain('"d"')
  expect(openSigningKey(keyring, sealed).privateKey.type).toBe('private')
  expect(() => openSigningKey(keyringOf('another-8KjHgFdSaQwErTyUiOpZxCvB'), sealed)).toThrow(
    /another SALLYPORT_SECRET/,
  )
  expect(() => openSigningKey(keyring, { ...sealed, kid: other.kid })).toThrow(TypeError)
  expect(() => openSigningKey(keyring, { ...sealed, sealedPrivateKey: other.sealedPrivateKey })).toThrow(
    TypeError,
  )
  expect(() => openSigningKey(keyring, { ...sealed, algorithm: 'HS256' })).toThrow(/HS256/)
})

test('jose verifies our tokens, whose header has only alg, typ at+jwt and kid [AT-01]', async () => {
  const sealed = await makeSigningKey(keyring)
  const token = signAccessToken(claims, openSigningKey(keyring, sealed))
  const { payload, protectedHeader } = await jwtVerify(token, await importJWK(JSON.parse(sealed.publicJwk)), {
    algorithms: ['ES256'],
    typ: 'at+jwt',
    currentDate: new Date(1_700_000_001_000),
  })
  expect(payload).toEqual(claims)
  expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: sealed.kid })
  expect(claimedSessionOf(token)).toBe('session-1')
  expect(verifiedClaimsOf(token)).toEqual(claims)
})

test.each(['', 'x', 'a.b.c', 'a.bnVsbA.c', 'a.WzFd.c', '..'])('%j has no session', (token) => {
  expect(claimedSessionOf(token)).toBeUndefined()
})

test('computes the exact size of a token before it is signed; the limit leaves room for its cookie', async () => {
  const key = openSigningKey(keyring, await makeSigningKey(keyring))
  for (let characters = 0; characters < 4; characters += 1) {
    const longer = { ...claims, note: 'ü'.repeat(characters), more: 'x'.repeat(characters % 2) }
    expect(accessTokenBytes(longer)).toBe(signAccessToken(longer, key).length)
  }
  expect(maxAccessTokenBytes).toBe(3_800)
})
