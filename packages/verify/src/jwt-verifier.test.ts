import { createHmac } from 'node:crypto'
import * as jose from 'jose'
import { describe, expect, test } from 'vitest'
import { createJwtVerifier, type JwtRules } from './jwt-verifier.ts'

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
  test('by its public key, whatever the token calls it', async () => {
    for (const header of [{}, { kid: 'whatever' }])
      expect(await verifierOf().verify(await signed(genuine, header))).toMatchObject({ user_id: 7 })
  })

  test('by its key set: only the key that the token names', async () => {
    const rules: Partial<JwtRules> = {
      publicKey: undefined,
      jwksUrl: 'https://backend.example/jwks',
      fetch: async () => Response.json({ keys: [{ ...jwk, kid: 'one', alg: 'RS256' }] }),
    }
    expect(await reasonOf(await signed(genuine, { kid: 'one' }), rules)).toBe('accepted')
    expect(await reasonOf(await signed(genuine, { kid: 'two' }), rules)).toBe('token_invalid: no such key')
    expect(await reasonOf(await signed(genuine), rules)).toBe('token_invalid: no such key')
    const silent = { ...rules, fetch: () => Promise.reject(new TypeError('no network')) }
    expect(await reasonOf(await signed(genuine, { kid: 'one' }), silent)).toMatch('unavailable')
  })

  test.each([
    ['a refresh token', { token_type: 'refresh' }, 'token_invalid: token_type is another'],
    ['no kind at all', { token_type: undefined }, 'token_invalid: token_type is another'],
    ['one that has expired', { exp: seconds - 1 }, 'token_expired: exp has passed'],
    ['one that expires now', { exp: seconds }, 'token_expired: exp has passed'],
    ['one without an end', { exp: undefined }, 'token_invalid: exp is not a time'],
    ['one with an end that is no number', { exp: '9999999999' }, 'token_invalid: exp is not a time'],
    ['one from the future', { iat: seconds + 31 }, 'token_invalid: iat is in the future'],
    ['one for later', { nbf: seconds + 31 }, 'token_invalid: nbf is in the future'],
    ['one that is bound to a key', { cnf: { jkt: 'x' } }, 'token_invalid: the token is bound'],
  ])('%s is refused', async (_, claims, reason) => {
    expect(await reasonOf(await signed({ ...genuine, ...claims }))).toMatch(reason)
  })

  test('issuer and audience, where they are asked for', async () => {
    const rules = { issuer: 'https://backend.example', audience: 'pages' }
    const token = (claims: object) => signed({ ...genuine, iss: rules.issuer, aud: 'pages', ...claims })
    expect(await reasonOf(await token({}), rules)).toBe('accepted')
    expect(await reasonOf(await token({ aud: ['other', 'pages'] }), rules)).toBe('accepted')
    expect(await reasonOf(await token({ iss: 'https://evil.example' }), rules)).toMatch(
      'the issuer is another',
    )
    expect(await reasonOf(await token({ iss: undefined }), rules)).toMatch('the issuer is another')
    expect(await reasonOf(await token({ aud: 'other' }), rules)).toMatch('the audience is another')
    expect(await reasonOf(await token({ aud: undefined }), rules)).toMatch('the audience is another')
  })

  test('RFC 8725 3.1, 3.2: no algorithm of the token’s choice, no extension, no other spelling', async () => {
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

  test('what cannot work is said at the start', async () => {
    const privatePem = await jose.exportPKCS8(privateKey)
    expect(() => verifierOf({ publicKey: privatePem })).toThrow('holds a private key')
    expect(() => verifierOf({ publicKey: 'a shared secret' })).toThrow('For HS256 there is none')
    expect(() => verifierOf({ algorithms: ['ES256'] })).toThrow('not the PEM of a public key for ES256')
    expect(() => verifierOf({ publicKey: undefined, jwksUrl: 'jwks' })).toThrow('not an address')
  })
})
