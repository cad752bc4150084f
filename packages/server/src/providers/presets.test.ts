import { generateKeyPairSync } from 'node:crypto'
import { importSPKI, jwtVerify } from 'jose'
import { describe, expect, test } from 'vitest'
import { splitSettings } from '../define-config.ts'
import {
  apple,
  discord,
  facebook,
  github,
  gitlab,
  google,
  linkedin,
  microsoft,
  oidc,
  slack,
} from '../index.ts'
import { startSallyport } from '../testing/sallyport.ts'
import type { Provider } from './provider.ts'
import { ProviderError } from './provider-error.ts'

const options = { clientId: 'an-id', clientSecret: 'a-secret' }
const { privateKey, publicKey } = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const appleOptions = { clientId: 'com.example.web', teamId: 'TEAM', keyId: 'KEY', privateKey }

/** Reads a profile as the server does: from the claims, or from the answers of the API by address. */
async function profileOf(provider: Provider, from: Record<string, unknown>, callback = {}) {
  if (provider.kind === 'oidc') return provider.profile(from, callback)
  return provider.profile(async (url) => from[url.split('?')[0] ?? ''], 'a-token')
}

test('every preset has an issuer of its own, and https everywhere', () => {
  const presets = [
    ...[google(options), microsoft({ ...options, tenant: 'common' }), apple(appleOptions), github(options)],
    ...[gitlab(options), discord(options), facebook(options), linkedin(options), slack(options)],
  ]
  expect(new Set(presets.map(({ issuer }) => issuer)).size).toBe(presets.length)
  for (const preset of presets) {
    const addresses = [
      preset.issuer,
      ...(preset.kind === 'oauth2' ? [preset.authorizationEndpoint, preset.tokenEndpoint] : []),
      ...(preset.kind === 'oauth2' ? [preset.revocationEndpoint, preset.revocationRequest?.('t').url] : []),
    ].filter((address) => address !== undefined)
    for (const address of addresses) expect(address).toMatch(/^https:\/\/[a-z.]+(?:\/|$)/)
  }
})

test('Google: only accounts of the domain, if one is set', async () => {
  const provider = google({ ...options, hostedDomain: 'example.com' })
  const claims = { sub: '1', email: 'ada@example.com', email_verified: true, hd: 'example.com' }
  expect(await profileOf(provider, claims)).toMatchObject({ subject: '1', emailVerified: true })
  for (const hd of [undefined, 'evil.example', 'EXAMPLE.com'])
    await expect(profileOf(provider, { ...claims, hd })).rejects.toThrow(ProviderError)
})

test('Microsoft: an address counts only with xms_edov, or if the operator says so for one tenant [O06]', async () => {
  const claims = { sub: '1', email: 'ada@example.com', email_verified: true, tid: 'tenant-1' }
  const verifiedBy = async (provider: Provider, more: object = {}) =>
    (await profileOf(provider, { ...claims, ...more })).emailVerified
  const many = microsoft({ ...options, tenant: 'common' })
  expect(await verifiedBy(many)).toBe(false)
  for (const xms_edov of [true, 1, '1', 'true']) expect(await verifiedBy(many, { xms_edov })).toBe(true)
  for (const xms_edov of [false, 0, '0', 'false', null, {}])
    expect(await verifiedBy(many, { xms_edov })).toBe(false)
  expect(await verifiedBy(microsoft({ ...options, tenant: 'tenant-1', emailsAreVerified: true }))).toBe(true)
  for (const tenant of ['common', 'organizations', 'consumers'])
    expect(() => microsoft({ ...options, tenant, emailsAreVerified: true })).toThrow(
      'is not allowed with tenant',
    )
  const some = microsoft({ ...options, tenant: 'organizations', allowedTenants: ['tenant-2'] })
  await expect(profileOf(some, claims)).rejects.toThrow(ProviderError)
})

test('Apple: signs a client secret for each request, and reads the name from the form', async () => {
  const provider = apple(appleOptions)
  const secret = typeof provider.clientSecret === 'string' ? '' : await provider.clientSecret()
  const { payload, protectedHeader } = await jwtVerify(secret, await importSPKI(publicKey, 'ES256'), {
    audience: 'https://appleid.apple.com',
    issuer: 'TEAM',
    subject: 'com.example.web',
  })
  expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'KEY' })
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
  expect(provider.responseMode).toBe('form_post')
  const claims = { sub: '001.a', email: 'ada@example.com', email_verified: 'true' }
  const user = JSON.stringify({ name: { firstName: 'Ada', lastName: 'Lovelace' } })
  expect(await profileOf(provider, claims, { user })).toEqual({
    subject: '001.a',
    email: 'ada@example.com',
    emailVerified: true,
    name: 'Ada Lovelace',
  })
  for (const odd of ['', '{', 'null', '{"name":1}', '{"name":{"firstName":{}}}'])
    expect((await profileOf(provider, claims, { user: odd })).name).toBeNull()
  expect(() => apple({ ...appleOptions, privateKey: 'not a key' })).toThrow(
    'privateKey must be the P-256 key',
  )
})

test('GitHub, Discord and Facebook: the profile comes from their API, and only a verified address counts', async () => {
  const emails = [{ email: 'ada@example.com', primary: true, verified: true }]
  const atGithub = { 'https://api.github.com/user': { id: 7, login: 'ada' } }
  const list = 'https://api.github.com/user/emails'
  expect(await profileOf(github(options), { ...atGithub, [list]: emails })).toEqual({
    subject: '7',
    email: 'ada@example.com',
    emailVerified: true,
    name: 'ada',
  })
  for (const odd of [[], null, {}, [{ ...emails[0], verified: 'true' }], [{ ...emails[0], verified: false }]])
    expect((await profileOf(github(options), { ...atGithub, [list]: odd })).emailVerified).toBe(false)
  const me = { id: '42', username: 'ada', email: 'ada@example.com', verified: true }
  expect(await profileOf(discord(options), { 'https://discord.com/api/users/@me': me })).toMatchObject({
    subject: '42',
    emailVerified: true,
    name: 'ada',
  })
  const graph = 'https://graph.facebook.com/v23.0/me'
  const answer = { id: '9', name: 'Ada', email: 'ada@example.com' }
  expect(await profileOf(facebook(options), { [graph]: answer })).toMatchObject({ emailVerified: false })
})

test('LinkedIn and Slack: what they refuse is left out', () => {
  expect(linkedin(options)).toMatchObject({ hasPkce: false, hasNonce: false })
  expect(slack(options)).toMatchObject({ hasPkce: false, hasNonce: true })
})

describe('wrong settings are refused at the start', () => {
  const issuer = 'https://login.acme.example'
  const made: Record<string, () => unknown> = {
    'oidc(): issuer must be an https address': () =>
      oidc({ ...options, label: 'A', issuer: 'http://acme.example' }),
    'oidc(): issuer must be text': () => oidc({ ...options, label: 'A', issuer: '' }),
    'oidc(): label must be text': () => oidc({ ...options, label: ' ', issuer }),
    'oidc(): scope must contain openid': () => oidc({ ...options, label: 'A', issuer, scope: 'email' }),
    'oidc(): parameters must not contain state': () =>
      oidc({ ...options, label: 'A', issuer, parameters: { state: 'x' } }),
    'google(): hostedDomain must be text': () => google({ ...options, hostedDomain: '' }),
    'oidc(): clientSecret must be text': () => google({ clientId: 'an-id', clientSecret: '' }),
    'github(): clientId must be text': () => github({ clientId: '', clientSecret: 'a-secret' }),
    'github(): url must be an https address': () => github({ ...options, url: 'http://github.example' }),
    'microsoft(): tenant must be the id': () => microsoft({ ...options, tenant: 'a/b' }),
  }
  test.each(Object.keys(made))('%s', (message) => {
    expect(() => made[message]?.()).toThrow(message)
  })

  const provider = google(options)
  test.each<[string, Record<string, unknown>, Record<string, string>]>([
    ['is not a name', { Google: provider }, {}],
    ['is reserved', { start: provider }, {}],
    ['make it with a function such as google()', { acme: { issuer } }, {}],
    ['make it with a function such as google()', { acme: null }, {}],
    ['If it is a promise, await it', Promise.resolve({}) as never, {}],
    [
      'The provider google is configured twice',
      { google: provider },
      { googleClientId: 'a', googleClientSecret: 'b' },
    ],
    ['SALLYPORT_GOOGLE_CLIENT_SECRET is not set', {}, { googleClientId: 'a' }],
    ['SALLYPORT_MICROSOFT_TENANT is not set', {}, { microsoftClientId: 'a', microsoftClientSecret: 'b' }],
    [
      'SALLYPORT_OIDC_CLIENT_ID, SALLYPORT_OIDC_CLIENT_SECRET, SALLYPORT_OIDC_LABEL is not set',
      {},
      { oidcIssuer: issuer },
    ],
  ])('%s', async (message, providers, settings) => {
    await expect(startSallyport(settings, undefined, { providers: providers as never })).rejects.toThrow(
      message,
    )
  })
})

test('providers of the settings and of the configuration file are offered together', async () => {
  const { customizations } = splitSettings({ providers: { gitlab: gitlab(options) } })
  const settings = {
    ...{ googleClientId: 'a', googleClientSecret: 'b', githubClientId: 'a', githubClientSecret: 'b' },
    ...{ microsoftClientId: 'a', microsoftClientSecret: 'b', microsoftTenant: 'common' },
    ...{ oidcIssuer: 'https://a.example', oidcClientId: 'a', oidcClientSecret: 'b', oidcLabel: 'Acme' },
  }
  const server = await startSallyport(settings, undefined, customizations)
  const { providers } = (await (await server.get('/api/auth/providers')).json()) as {
    providers: { label: string }[]
  }
  expect(providers.map(({ label }) => label)).toEqual(['Google', 'Microsoft', 'GitHub', 'Acme', 'GitLab'])
})
