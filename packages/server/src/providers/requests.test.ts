import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { discord, google, linkedin, microsoft, oidc } from '../index.ts'
import { startMockProvider, testClient, visitProvider } from '../testing/outside-providers.ts'
import { openProviders } from './open-provider.ts'
import type { OidcProvider } from './provider.ts'

const redirectUrl = 'http://localhost:3000/api/auth/providers/acme/callback'
const secrets = { state: 'the state', nonce: 'the nonce', verifier: 'v'.repeat(43) }
/** These characters must be encoded in a form, and so also in the header (RFC 6749 section 2.3.1). */
const clientSecret = 'a secret+with/signs%'
const client = { clientId: testClient.clientId, clientSecret }
const inHeader = {
  authorization: `Basic ${btoa(`${client.clientId}:a+secret%2Bwith%2Fsigns%25`)}`,
}
const inBody = { client_id: client.clientId, client_secret: clientSecret }
const issuer = 'https://login.acme.example'

/** Every parameter of an authorization request with OpenID Connect. */
const asked = {
  client_id: client.clientId,
  code_challenge: expect.stringMatching(/^[\w-]{43}$/),
  code_challenge_method: 'S256',
  nonce: secrets.nonce,
  redirect_uri: redirectUrl,
  response_type: 'code',
  scope: 'openid email profile',
  state: secrets.state,
}
const offline = { access_type: 'offline', prompt: 'consent' }

/** Signs in with a preset, refreshes and revokes. The issuer is a server of the tests. Returns what was sent to the provider. */
async function requestsOf(preset: OidcProvider, offered?: string[]) {
  const mock = await startMockProvider({ email: 'ada@example.com', email_verified: true })
  const { service } = mock
  service.on('beforeWellKnownOpenIdConfiguration', ({ body }: { body: Record<string, unknown> }) => {
    body.token_endpoint_auth_methods_supported = offered
  })
  service.on('beforeTokenSigning', ({ payload }: { payload: Record<string, unknown> }) => {
    payload.hd = 'example.com'
    payload.aud = client.clientId
  })
  const sent: Record<string, unknown>[] = []
  type Sent = { headers: { authorization?: string }; body: Record<string, unknown> }
  service.on('beforeResponse', (_: unknown, { headers: { authorization }, body }: Sent) => {
    sent.push({ ...(authorization && { authorization }), ...body })
  })
  const provider = openProviders({ acme: { ...preset, issuer: mock.issuer } }, Date.now).get('acme')
  if (provider === undefined) throw new TypeError('There is no provider.')
  const address = new URL(await provider.authorizationUrl(redirectUrl, secrets, false))
  const callback = await visitProvider(address.href)
  const { tokens } = await provider.finish(redirectUrl, secrets, callback)
  if (tokens !== null) await provider.refresh(tokens.refreshToken ?? '', tokens.scopes)
  return {
    parameters: Object.fromEntries(address.searchParams),
    sent,
    code: callback.code,
    refreshToken: tokens?.refreshToken,
  }
}

describe('the parameters of the requests, with kept tokens', () => {
  test.each<[string, OidcProvider, object]>([
    ['Google', google({ ...client, keepTokens: true }), { ...asked, ...offline }],
    [
      'Google, with a domain and a scope',
      google({ ...client, keepTokens: true, hostedDomain: 'example.com', scopes: ['calendar'] }),
      { ...asked, ...offline, hd: 'example.com', scope: 'openid email profile calendar' },
    ],
    [
      'Microsoft',
      microsoft({ ...client, tenant: 'tenant-1', keepTokens: true, scopes: ['Mail.Read'] }),
      { ...asked, scope: 'openid email profile Mail.Read offline_access' },
    ],
    [
      'oidc',
      oidc({ ...client, issuer, label: 'Acme', keepTokens: true }),
      { ...asked, prompt: 'consent', scope: 'openid email profile offline_access' },
    ],
    [
      'oidc without offlineAccess',
      oidc({ ...client, issuer, label: 'Acme', keepTokens: true, offlineAccess: false }),
      asked,
    ],
  ])('%s', async (_, preset, parameters) => {
    const requests = await requestsOf(preset)
    expect(requests.parameters).toEqual(parameters)
    expect(requests.refreshToken).toEqual(expect.any(String))
    expect(requests.sent).toEqual([
      {
        ...inHeader,
        grant_type: 'authorization_code',
        code: requests.code,
        code_verifier: secrets.verifier,
        redirect_uri: redirectUrl,
      },
      { ...inHeader, grant_type: 'refresh_token', refresh_token: requests.refreshToken },
    ])
  })
})

test('without kept tokens, no lasting access is asked for', async () => {
  for (const preset of [
    google(client),
    microsoft({ ...client, tenant: 'tenant-1' }),
    oidc({ ...client, issuer, label: 'Acme' }),
  ]) {
    const { parameters, sent } = await requestsOf(preset)
    expect(parameters).toEqual(asked)
    expect(sent).toHaveLength(1)
  }
})

describe('the secret of the client is sent', () => {
  const acme = (options: object = {}) => oidc({ ...client, issuer, label: 'Acme', ...options })
  const [basic, post] = ['client_secret_basic', 'client_secret_post'] as const
  test.each<[string, OidcProvider, string[] | undefined, object]>([
    ['in the header, if the provider offers both', acme(), [post, basic], inHeader],
    ['in the header, if the provider offers something else', acme(), ['private_key_jwt'], inHeader],
    ['in the body, if the provider offers only this', acme(), ['private_key_jwt', post], inBody],
    ['as the settings say: in the body', acme({ clientAuthentication: post }), [basic], inBody],
    ['as the settings say: in the header', acme({ clientAuthentication: basic }), [post], inHeader],
    ['in the body, by the preset of LinkedIn', linkedin(client), [basic], inBody],
  ])('%s', async (_, preset, offered, expected) => {
    const [first = {}] = (await requestsOf(preset, offered)).sent
    const { authorization, client_id, client_secret } = first
    const found = { authorization, client_id, client_secret }
    expect(JSON.parse(JSON.stringify(found))).toEqual(expected)
  })
})

test.each([
  ['the refresh token, if there is one', 'a refresh token', 'a refresh token'],
  ['otherwise the access token', null, 'an access token'],
])('Discord revokes %s', async (_, refreshToken, token) => {
  const { issuer: here, service } = await startMockProvider()
  const sent: Promise<string>[] = []
  service.on('beforeRevoke', (_answer: unknown, request: IncomingMessage) => void sent.push(text(request)))
  const preset = discord({ ...client, keepTokens: true })
  expect(preset.revocationEndpoint).toBe('https://discord.com/api/oauth2/token/revoke')
  const acme = { ...preset, issuer: here, revocationEndpoint: `${here}/revoke` }
  await openProviders({ acme }, Date.now)
    .get('acme')
    ?.revoke({ accessToken: 'an access token', refreshToken })
  const forms = (await Promise.all(sent)).map((form) => Object.fromEntries(new URLSearchParams(form)))
  expect(forms).toEqual([{ ...inBody, token }])
})
