import { createHmac, createPublicKey, generateKeyPairSync, KeyObject, sign } from 'node:crypto'
import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import type { JwtRules } from './jwt-rules.ts'
import { createJwtVerifier } from './jwt-verifier.ts'
import { rocaModulus } from './testing/weak-moduli.ts'

const now = 1_700_000_000_000
const seconds = now / 1000
const { publicKey, privateKey } = await jose.generateKeyPair('RS256', { extractable: true })
const pem = await jose.exportSPKI(publicKey)
const jwk = await jose.exportJWK(publicKey)
const genuine = { user_id: 7, token_type: 'access', iat: seconds, exp: seconds + 300 }

function signed(claims: object, header: object = {}): Promise<string> {
  return new jose.SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...header })
    .sign(privateKey)
}

/** Adds or changes one claim of the genuine claims and signs them. The claim may have a form that no serializer writes. */
function withNumber(name: string, spelling: string): string {
  const { [name as 'exp']: _, ...others } = genuine
  const payload = JSON.stringify(others).replace('}', `,"${name}":${spelling}}`)
  const part = (text: string) => Buffer.from(text).toString('base64url')
  const input = `${part('{"alg":"RS256"}')}.${part(payload)}`
  return `${input}.${sign('sha256', Buffer.from(input), KeyObject.from(privateKey)).toString('base64url')}`
}

/** Signs the genuine claims with any header, even one that no library writes. */
function signedWith(header: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'RS256', ...header })}.${part(genuine)}`
  return `${input}.${sign('sha256', Buffer.from(input), KeyObject.from(privateKey)).toString('base64url')}`
}

const verifierOf = (rules: Partial<JwtRules> = {}) =>
  createJwtVerifier({
    publicKey: pem,
    claims: { token_type: 'access' },
    clock: () => now,
    ...rules,
  } as JwtRules)

const reasonOf = async (token: string, rules: Partial<JwtRules> = {}) =>
  verifierOf(rules)
    .verify(token)
    .then(
      () => 'accepted',
      ({ code, reason }) => `${code}: ${reason}`,
    )

describe('tokens of an issuer that is not Sallyport', () => {
  test('are verified with its public key, for any kid', async () => {
    for (const header of [{}, { kid: 'whatever' }])
      expect(await verifierOf().verify(await signed(genuine, header))).toMatchObject({ user_id: 7 })
  })

  test('are verified with its key set, only with the key that they name', async () => {
    const rules: Partial<JwtRules> = {
      publicKey: undefined,
      jwksUrl: 'https://backend.example/jwks',
      fetch: async () => Response.json({ keys: [{ ...jwk, kid: 'one', alg: 'RS256' }] }),
    }
    expect(await reasonOf(await signed(genuine, { kid: 'one' }), rules)).toBe('accepted')
    expect(await reasonOf(await signed(genuine, { kid: 'two' }), rules)).toBe('token_invalid: no such key')
    expect(await reasonOf(await signed(genuine), rules)).toBe('token_invalid: no key id')
    const silent = { ...rules, fetch: () => Promise.reject(new TypeError('no network')) }
    expect(await reasonOf(await signed(genuine, { kid: 'one' }), silent)).toMatch('unavailable')
  })

  test.each([
    ['a refresh token', { token_type: 'refresh' }, 'token_invalid: token_type is another'],
    ['a token without its kind', { token_type: undefined }, 'token_invalid: token_type is another'],
    ['one that has expired', { iat: seconds - 300, exp: seconds - 1 }, 'token_expired: exp has passed'],
    ['one that expires now', { iat: seconds - 300, exp: seconds }, 'token_expired: exp has passed'],
    ['one without an end', { exp: undefined }, 'token_invalid: exp is not a time'],
    ['one with an end that is no number', { exp: '9999999999' }, 'token_invalid: exp is not a time'],
    ['one from the future', { iat: seconds + 31 }, 'token_invalid: iat is in the future'],
    ['one for later', { nbf: seconds + 31 }, 'token_invalid: nbf is in the future'],
    ['one that is bound to a key', { cnf: { jkt: 'x' } }, 'token_invalid: the token is bound'],
  ])('%s is refused', async (_, claims, reason) => {
    expect(await reasonOf(await signed({ ...genuine, ...claims }))).toMatch(reason)
  })

  const spellings = [
    '1e400',
    '-1e400',
    '1e308',
    '253402300800',
    '-1',
    '-0.5',
    '"1700000300"',
    'null',
    'true',
    '[1700000300]',
    '{}',
  ]
  test.each(['exp', 'iat', 'nbf', 'auth_time'])(
    '%s that is not a time is refused, also if it is large',
    async (name) => {
      for (const spelling of spellings)
        expect(await reasonOf(withNumber(name, spelling)), spelling).toMatch(
          /^token_invalid: (?!the signature)/,
        )
    },
  )

  test('may have times with a fraction, until the end of the year 9999', async () => {
    for (const spelling of ['1700000300.5', '1.7000003e9', '253402300799'])
      expect(await reasonOf(withNumber('exp', spelling)), spelling).toBe('accepted')
    expect(await reasonOf(withNumber('exp', '1700000000.0'))).toMatch('exp is not after iat')
  })

  test('are refused with a number too large for a double in any claim', async () => {
    expect(await reasonOf(withNumber('balance', '1e400'))).toBe(
      'token_invalid: the payload is not one JSON object',
    )
  })

  test('must have the issuer and audience of the rules', async () => {
    const rules = { issuer: 'https://backend.example', audience: 'pages' }
    const token = (claims: object) => signed({ ...genuine, iss: rules.issuer, aud: 'pages', ...claims })
    expect(await reasonOf(await token({}), rules)).toBe('accepted')
    expect(await reasonOf(await token({ aud: ['other', 'pages'] }), rules)).toBe('accepted')
    expect(await reasonOf(await token({ iss: 'https://evil.example' }), rules)).toMatch(
      'the token is from another issuer',
    )
    expect(await reasonOf(await token({ iss: undefined }), rules)).toMatch('the token is from another issuer')
    expect(await reasonOf(await token({ aud: 'other' }), rules)).toMatch('the token is for another audience')
    expect(await reasonOf(await token({ aud: undefined }), rules)).toMatch(
      'the token is for another audience',
    )
  })

  test('are refused with another algorithm, an extension or another spelling [RFC 8725]', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const confused = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(genuine)}`
    const mac = createHmac('sha256', pem).update(confused).digest('base64url')
    expect(await reasonOf(`${confused}.${mac}`)).toBe('token_invalid: the algorithm is not allowed')
    expect(await reasonOf(`${part({ alg: 'none' })}.${part(genuine)}.`)).toMatch('token_invalid')
    expect(await reasonOf(`${part({ alg: 'none' })}.${part(genuine)}.AA`)).toMatch(
      'the algorithm is not allowed',
    )
    const token = await signed(genuine)
    expect(await reasonOf(`${token}=`)).toMatch('not a JWS')
    const [header, , signature] = token.split('.')
    expect(await reasonOf(`${header}.${part({ ...genuine, user_id: 1 })}.${signature}`)).toMatch(
      'the signature is wrong',
    )
    const { privateKey: other } = await jose.generateKeyPair('RS256')
    const forged = await new jose.SignJWT(genuine).setProtectedHeader({ alg: 'RS256' }).sign(other)
    expect(await reasonOf(forged)).toMatch('the signature is wrong')
    expect(await reasonOf(token, { algorithms: ['ES256', 'RS256'] })).toBe('accepted')
  })

  test('wrong keys are refused at the start', async () => {
    const privatePem = await jose.exportPKCS8(privateKey)
    expect(() => verifierOf({ publicKey: privatePem })).toThrow('is a private key')
    expect(() => verifierOf({ publicKey: 'a shared secret' })).toThrow('HS256 has no public key')
    expect(() => verifierOf({ algorithms: ['ES256'] })).toThrow('not the PEM of a public key for ES256')
  })

  test.each<[string, object, RegExp]>([
    ['no keys at all', { publicKey: undefined }, /either `jwksUrl`, or `publicKey`/],
    [
      'keys from two sources',
      { jwksUrl: 'https://backend.example/jwks' },
      /either `jwksUrl`, or `publicKey`/,
    ],
    ['a key that is no text', { publicKey: 7 }, /must be the PEM/],
    ['an empty key', { publicKey: '' }, /not the PEM/],
    ['a relative key set', { publicKey: undefined, jwksUrl: 'jwks' }, /jwksUrl must be an absolute/],
    ['a key set in a file', { publicKey: undefined, jwksUrl: 'file:///etc/jwks' }, /http/],
    ['no claims', { claims: undefined }, /`claims` is missing/],
    ['claims that are null', { claims: null }, /`claims` is missing/],
    ['a list of claims', { claims: ['access'] }, /`claims` is missing/],
    ['claims that are a text', { claims: 'access' }, /`claims` is missing/],
    ['a claim that is a list', { claims: { token_type: ['access'] } }, /claims\.token_type/],
    ['a claim that is undefined', { claims: { token_type: undefined } }, /claims\.token_type.*must be/],
    ['a claim that is NaN', { claims: { version: Number.NaN } }, /claims\.version/],
    ['an empty issuer', { issuer: '' }, /issuer must be text that is not empty/],
    ['an empty audience', { audience: '' }, /audience/],
    ['a list of audiences', { audience: ['pages'] }, /audience/],
    ['no algorithm', { algorithms: [] }, /algorithms must list/],
    ['a symmetric algorithm', { algorithms: ['HS256'] }, /Symmetric/],
    ['a tolerance of NaN', { clockToleranceSeconds: Number.NaN }, /clockToleranceSeconds must be a number/],
    ['a tolerance of hours', { clockToleranceSeconds: 7200 }, /0 to 300/],
    ['a misspelt rule', { audiance: 'pages' }, /no option audiance/],
  ])('%s is a TypeError that says how to fix it', (_, rules, message) => {
    expect(() => verifierOf(rules)).toThrow(TypeError)
    expect(() => verifierOf(rules)).toThrow(message)
  })

  test('fixed claims may be text, a number, true or false, and are compared exactly', async () => {
    for (const value of ['7', 7, true, false, 0]) {
      const rules = { claims: { kind: value } }
      expect(await reasonOf(await signed({ ...genuine, kind: value }), rules)).toBe('accepted')
      for (const other of [String(value), Number(value), Boolean(value), [value]])
        if (other !== value)
          expect(await reasonOf(await signed({ ...genuine, kind: other }), rules)).toMatch('kind is another')
    }
  })

  test('without `algorithms`, every supported algorithm is allowed, with the issuer’s key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const token = await new jose.SignJWT(genuine).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey)
    const rules = { publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })) }
    expect(await reasonOf(token, rules)).toBe('accepted')
    expect(() => verifierOf({ ...rules, algorithms: ['RS256'] })).toThrow('not the PEM of a public key')
  })

  test('a weak RSA key is refused, configured or published [S18]', async () => {
    const weak = { kty: 'RSA', n: rocaModulus(2048).toString('base64url'), e: 'AQAB' }
    const weakPem = createPublicKey({ key: weak, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    expect(() => verifierOf({ publicKey: String(weakPem) })).toThrow(/the key is not safe.*ROCA/)
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
    expect(() => verifierOf({ publicKey: String(short.export({ type: 'spki', format: 'pem' })) })).toThrow(
      /2,048/,
    )
    const published: Partial<JwtRules> = {
      publicKey: undefined,
      jwksUrl: 'https://backend.example/jwks',
      fetch: async () =>
        Response.json({
          keys: [
            { ...jwk, kid: 'one' },
            { ...weak, kid: 'weak', alg: 'RS256' },
          ],
        }),
    }
    expect(await reasonOf(await signed(genuine, { kid: 'weak' }), published)).toBe(
      'token_invalid: no such key',
    )
    expect(await reasonOf(await signed(genuine, { kid: 'one' }), published)).toBe('accepted')
  })

  test('RFC 7515 4.1.11: a token that insists on an extension is refused', async () => {
    for (const header of [{ crit: ['exp'] }, { crit: [] }, { b64: true }, { b64: false }])
      expect(await reasonOf(signedWith(header)), JSON.stringify(header)).toBe(
        'token_invalid: an extension we do not know',
      )
    expect(await reasonOf(signedWith({}))).toBe('accepted')
  })

  test('refuses what is not a string', async () => {
    for (const token of [undefined, null, 7, {}, ['x.y.z']])
      expect(await reasonOf(token as string)).toBe('token_invalid: not a JWS in compact form')
  })

  test('a key never checks a token of another algorithm', async () => {
    const token = signedWith({ alg: 'ES256' })
    expect(await reasonOf(token, { algorithms: ['ES256', 'RS256'] })).toBe(
      'token_invalid: the key is for another algorithm',
    )
    expect(await reasonOf(signedWith({ alg: ['RS256'] }))).toBe('token_invalid: no algorithm')
  })

  test('an invalid kid is not looked up', async () => {
    let fetches = 0
    const rules: Partial<JwtRules> = {
      publicKey: undefined,
      jwksUrl: 'https://backend.example/jwks',
      fetch: async () => {
        fetches += 1
        throw new TypeError('no network')
      },
    }
    for (const kid of [undefined, '', 7, ['one'], 'x'.repeat(256)])
      expect(await reasonOf(signedWith({ kid }), rules), String(kid)).toBe('token_invalid: no key id')
    expect(fetches).toBe(0)
    expect(await reasonOf(signedWith({ kid: 'x'.repeat(255) }), rules)).toMatch('unavailable')
    expect(fetches).toBe(1)
  })

  test('a withdrawn key is believed for ten minutes, and for an hour while the issuer does not answer', async () => {
    let time = now
    let keys: object[] | null = [{ ...jwk, kid: 'one' }]
    const verifier = verifierOf({
      publicKey: undefined,
      jwksUrl: 'https://backend.example/jwks',
      clock: () => time,
      fetch: async () => (keys ? Response.json({ keys }) : new Response('<h1>Back soon</h1>')),
    } as Partial<JwtRules>)
    const token = await signed({ token_type: 'access', exp: seconds + 30 * 86_400 }, { kid: 'one' })
    const outcome = () =>
      verifier.verify(token).then(
        () => 'accepted',
        ({ code }) => code,
      )
    expect(await outcome()).toBe('accepted')
    keys = null
    time += 3_599_000
    expect(await outcome()).toBe('accepted')
    time += 1_000
    expect(await outcome()).toBe('unavailable')
    const other = await jose.exportJWK((await jose.generateKeyPair('RS256')).publicKey)
    keys = [{ ...other, kid: 'two' }]
    time += 20 * 86_400_000
    expect(await outcome()).toBe('token_invalid')
  })
})
