import { describe, expect, test } from 'vitest'
import { createJwtVerifier, type JwtVerifier } from '../jwt-verifier.ts'
import { createSigningKey, issueToken, type Json, now } from '../testing/issuer.ts'
import { expectRefused, refusalOf } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'

const key = createSigningKey('key-1')
const keySet = countingKeySet(key)
const verifier = verifierOf(keySet)

const extensions: Json[] = [
  { crit: ['exp'], exp: 1 },
  { crit: ['exp'] },
  { crit: [] },
  { crit: 'exp' },
  { crit: null },
  { crit: ['b64'], b64: false },
  { crit: ['b64'], b64: true },
  { crit: ['unknown'], unknown: 1 },
  { crit: ['http://example.com/unknown'] },
  { crit: ['alg'] },
  { b64: false },
  { b64: true },
]
test.each(extensions)('refuses the unknown extension %j [J09, JWT-21]', async (header) => {
  const before = keySet.signatures
  await expectRefused(verifier, issueToken(key, {}, header))
  expect(keySet.signatures).toBe(before)
})

const foreignTypes = [
  undefined,
  null,
  1,
  [],
  ['at+jwt'],
  '',
  'JWT',
  'jwt',
  'at+jwt;x',
  'at+jwt; charset=utf-8',
  'at+jwt ',
  ' at+jwt',
  'application/application/at+jwt',
  'text/at+jwt',
  'at-jwt',
  'dpop+jwt',
  'dbsc+jwt',
  'logout+jwt',
  'id+jwt',
  'secevent+jwt',
  'at+JWT\u0000',
  'ａt+jwt',
  'at+\u212Awt',
]
test.each(foreignTypes.map((typ) => [typ]))(
  'typ %j is another kind of token [J20, J24, JWT-16, AT-01]',
  async (typ) => {
    await expectRefused(verifier, issueToken(key, {}, { typ }))
  },
)

test.each(['at+jwt', 'AT+JWT', 'At+Jwt', 'application/at+jwt', 'Application/AT+JWT'])(
  'typ %j is an access token [J20]',
  async (typ) => {
    await expect(verifier.verify(issueToken(key, {}, { typ }))).resolves.toBeDefined()
  },
)

describe.each(['ES256', 'EdDSA', 'RS256'] as const)('with a key for %s', (alg) => {
  const signingKey = createSigningKey('key-1', alg)
  const options = { algorithms: [alg], clock: () => now }
  const publicKey = signingKey.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const fetch = async () => Response.json({ keys: [signingKey.publicJwk] })
  const verifiers: Record<string, Pick<JwtVerifier, 'verify'>> = {
    createVerifier: verifierOf(countingKeySet(signingKey), options),
    'createJwtVerifier with a public key': createJwtVerifier({ ...options, publicKey, claims: {} }),
    'createJwtVerifier with a key set': createJwtVerifier({
      ...options,
      ...{ jwksUrl: 'https://backend.example/jwks', claims: {}, fetch },
    }),
  }

  test.each(Object.entries(verifiers))('%s refuses a token in a token [J14]', async (_name, { verify }) => {
    await expect(verify(issueToken(signingKey))).resolves.toBeDefined()
    for (const cty of ['JWT', 'jwt', 'json', '', null])
      expect(await refusalOf(verify(issueToken(signingKey, {}, { cty })))).toMatchObject({
        ...{ code: 'token_invalid', reason: 'a nested token' },
      })
  })
})

test.each<[Json, string]>([
  [{ alg: undefined }, 'no algorithm'],
  [{ alg: ['ES256'] }, 'no algorithm'],
  [{ alg: 'RS256' }, 'the algorithm is not allowed'],
  [{ alg: 'EdDSA' }, 'the key is for another algorithm'],
  [{ kid: undefined }, 'no key id'],
  [{ kid: ['key-1'] }, 'no key id'],
  [{ kid: '' }, 'no key id'],
  [{ kid: 'k'.repeat(256) }, 'no key id'],
  [{ kid: 'k'.repeat(255) }, 'no such key'],
  [{ typ: undefined }, 'not an access token'],
  [{ typ: ['at+jwt'] }, 'not an access token'],
  [{ typ: 'JWT' }, 'not an access token'],
  [{ crit: null }, 'an extension we do not know'],
  [{ b64: null }, 'an extension we do not know'],
  [{ cty: null }, 'a nested token'],
])('the reason for the log names the error in the header %j', async (header, reason) => {
  const both = verifierOf(keySet, { algorithms: ['ES256', 'EdDSA'] })
  const asked = keySet.lookups.length
  expect(await refusalOf(both.verify(issueToken(key, {}, header)))).toMatchObject({ reason })
  // If the header has another error, the key set is not read, so nothing is fetched.
  const isAsked = ['no such key', 'the key is for another algorithm'].includes(reason)
  expect(keySet.lookups).toHaveLength(asked + (isAsked ? 1 : 0))
})

test('a key id may have 255 characters', async () => {
  const long = createSigningKey('k'.repeat(255))
  await expect(verifierOf(countingKeySet(long)).verify(issueToken(long))).resolves.toBeDefined()
})
