import { describe, expect, test } from 'vitest'
import {
  createSigningKey,
  genuineClaims,
  genuineHeader,
  issueToken,
  nowSeconds,
  signParts,
} from '../testing/issuer.ts'
import { expectRefused, refusalOf } from '../testing/refusal.ts'
import { countingKeySet, verifierOf } from '../testing/verifier.ts'

const key = createSigningKey('key-1')
const verifier = verifierOf(countingKeySet(key))

/** Writes a number into the token in exactly this form. `JSON.stringify` would change the form. */
function withNumber(name: string, spelling: string): string {
  const claims = JSON.stringify(genuineClaims({ [name]: 'SPELLING' }))
  return signParts(JSON.stringify(genuineHeader(key)), claims.replace('"SPELLING"', spelling), key)
}

describe('refuses wrong times [J19, JWT-25]', () => {
  const spellings = [
    '"1785758400"',
    '""',
    'null',
    '[]',
    '{}',
    'true',
    '-1',
    '-0.5',
    '0.5',
    '1e308',
    '1e999',
    '-1e999',
    '9007199254740992',
    '1785758400.5',
    '[1785758400]',
  ]
  test.each(['exp', 'iat', 'auth_time', 'nbf'])('%s that is not a whole number', async (name) => {
    for (const spelling of spellings) await expectRefused(verifier, withNumber(name, spelling))
    for (const spelling of ['NaN', 'Infinity']) await expectRefused(verifier, withNumber(name, spelling))
  })

  test.each(['exp', 'iat', 'auth_time'])('%s missing', async (name) => {
    await expectRefused(verifier, issueToken(key, { [name]: undefined }))
  })

  test('a token that expired a second ago or long ago', async () => {
    for (const ago of [0, 1, 600, 86_400]) {
      const token = issueToken(key, { iat: nowSeconds - ago - 600, exp: nowSeconds - ago })
      expect(await refusalOf(verifier.verify(token))).toMatchObject({ code: 'token_expired', status: 401 })
    }
    await expectRefused(verifier, withNumber('exp', '0'))
  })

  test('with token_expired only if the signature is right', async () => {
    const token = issueToken(key, { iat: nowSeconds - 900, exp: nowSeconds - 300 })
    await expectRefused(verifier, `${token.slice(0, -4)}AAAA`)
    const foreign = issueToken(key, { iat: nowSeconds - 900, exp: nowSeconds - 300, aud: 'another-api' })
    await expectRefused(verifier, foreign)
  })

  test('a token from the future', async () => {
    await expectRefused(verifier, issueToken(key, { nbf: nowSeconds + 6 }))
    await expectRefused(verifier, issueToken(key, { iat: nowSeconds + 6 }))
    await expectRefused(verifier, issueToken(key, { auth_time: nowSeconds + 6 }))
    await expect(verifier.verify(issueToken(key, { nbf: nowSeconds }))).resolves.toBeDefined()
  })

  test('exp before iat, and a lifetime longer than allowed', async () => {
    await expectRefused(verifier, issueToken(key, { exp: nowSeconds - 1 }))
    await expectRefused(verifier, issueToken(key, { exp: nowSeconds }))
    await expectRefused(verifier, issueToken(key, { exp: nowSeconds + 10 * 365 * 86_400 }))
    await expectRefused(verifier, issueToken(key, { exp: nowSeconds + 3601 }))
    await expectRefused(verifier, issueToken(key, { iat: 0, exp: nowSeconds + 60 }))
    await expect(verifier.verify(issueToken(key, { exp: nowSeconds + 3600 }))).resolves.toBeDefined()
    const strict = verifierOf(countingKeySet(key), { maxTokenLifetimeSeconds: 300 })
    await expectRefused(strict, issueToken(key))
  })
})

describe('checks the audience [J21, JWT-13]', () => {
  const foreign = [
    undefined,
    null,
    '',
    [],
    ['other'],
    'billing-api/',
    'BILLING-API',
    'billing',
    'billing-api2',
    ' billing-api',
    1,
    [['billing-api']],
    { 'billing-api': true },
    ['billing-api', 1],
    ['billing-api', null],
    'billing-api,other',
    'billing-web',
    'b\u0456lling-api',
  ]
  test.each(foreign.map((aud) => [JSON.stringify(aud) ?? 'absent', aud]))(
    'refuses %s',
    async (_label, aud) => {
      await expectRefused(verifier, issueToken(key, { aud }))
    },
  )

  test.each([['billing-api'], [['billing-api']], [['other', 'billing-api']]])('accepts %j', async (aud) => {
    await expect(verifier.verify(issueToken(key, { aud }))).resolves.toBeDefined()
  })
})

test.each([
  undefined,
  null,
  '',
  'http://localhost:4000/',
  'https://localhost:4000',
  'http://LOCALHOST:4000',
  'http://localhost',
  'HTTP://localhost:4000',
  'http://loc\u0430lhost:4000',
  ['http://localhost:4000'],
  'http://staging.example.com',
  1,
])('refuses the issuer %j [J22, J26, JWT-11]', async (iss) => {
  await expectRefused(verifier, issueToken(key, { iss }))
})

describe('refuses wrong identifiers [J23, JWT-12, AT-03]', () => {
  const values = [null, '', 1, {}, [], ['user-1'], true, 'x'.repeat(256), '\ud800']
  test.each(['sub', 'sid', 'jti', 'client_id', 'org'])('%s that is not an identifier', async (name) => {
    const isOrganization = name === 'org'
    const aud = isOrganization ? 'billing-api/organization' : 'billing-api'
    const verifier = verifierOf(countingKeySet(key), isOrganization ? { organizations: 'required' } : {})
    for (const value of values) await expectRefused(verifier, issueToken(key, { aud, [name]: value }))
    await expect(verifier.verify(issueToken(key, { aud, [name]: 'x'.repeat(255) }))).resolves.toBeDefined()
  })

  test.each(['sub', 'sid', 'jti'])('%s missing', async (name) => {
    await expectRefused(verifier, issueToken(key, { [name]: undefined }))
  })

  test('the id of another user, which breaks the signature', async () => {
    const [header, payload = '', signature] = issueToken(key).split('.')
    const claims = Buffer.from(payload, 'base64url').toString().replace('user-1', 'user-2')
    await expectRefused(verifier, [header, Buffer.from(claims).toString('base64url'), signature].join('.'))
  })

  test('ver, roles, amr and permissions of another type', async () => {
    for (const ver of [undefined, null, '3', -1, 1.5, []])
      await expectRefused(verifier, issueToken(key, { ver }))
    for (const list of [null, 'owner', {}, [1], ['owner', null], [['owner']]]) {
      await expectRefused(verifier, issueToken(key, { roles: list }))
      await expectRefused(verifier, issueToken(key, { amr: list }))
      await expectRefused(verifier, issueToken(key, { permissions: list }))
    }
    for (const name of ['roles', 'amr']) await expectRefused(verifier, issueToken(key, { [name]: undefined }))
  })
})

test('refuses a token bound to a key as bearer token', async () => {
  await expectRefused(verifier, issueToken(key, { cnf: { jkt: 'thumbprint' } }))
})

describe('refuses other kinds of tokens, signed with the same key [J24, J25]', () => {
  const kinds: Record<string, [claims: Record<string, unknown>, typ: string | undefined]> = {
    'an ID token': [{ aud: 'client-1', nonce: 'n' }, 'JWT'],
    'an ID token for our audience': [{ nonce: 'n' }, 'JWT'],
    'a logout token': [{ events: {}, sid: 'session-1' }, 'logout+jwt'],
    'a DPoP proof': [{ htm: 'GET', htu: 'http://localhost:4100/' }, 'dpop+jwt'],
    'an email verification': [{ purpose: 'verify' }, 'email-verification+jwt'],
    'a pending second factor': [{ purpose: 'mfa' }, 'mfa+jwt'],
    'an untyped token': [{}, undefined],
  }
  test.each(Object.entries(kinds))('%s', async (_name, [claims, typ]) => {
    await expectRefused(verifier, issueToken(key, claims, { typ }))
  })
})
