// oidc-provider: a public client, refresh tokens rotated on every use, access tokens as ES256 JWT for one API.
import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import { Provider } from 'oidc-provider'
import { OidcAdapter } from './oidc-adapter.mjs'

const { PORT, SESSIONS } = process.env
const resource = 'https://billing.example.com'
const scope = 'invoice:read invoice:write customer:read'
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const provider = new Provider(`http://localhost:${PORT}`, {
  adapter: OidcAdapter,
  clients: [
    {
      client_id: 'bench',
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      redirect_uris: ['https://app.example.com/callback'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
  cookies: { keys: ['only for the bench'] },
  findAccount: (_context, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
  scopes: ['offline_access', ...scope.split(' ')],
  rotateRefreshToken: true,
  ttl: { AccessToken: 600, RefreshToken: 14 * 86_400, Grant: 90 * 86_400 },
  features: {
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope,
        audience: resource,
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
})

const client = await provider.Client.find('bench')
const handler = provider.callback()
createServer(async (request, response) => {
  if (request.url !== '/refresh-tokens') return handler(request, response)
  const refreshTokens = await Promise.all(Array.from({ length: Number(SESSIONS) }, newRefreshToken))
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ refreshTokens }))
}).listen(Number(PORT))

/** Returns a refresh token as after a sign-in and a consent, which are not measured. */
async function newRefreshToken(_, index) {
  const accountId = `person-${index}`
  const grant = new provider.Grant({ accountId, clientId: client.clientId })
  grant.addOIDCScope('offline_access')
  grant.addResourceScope(resource, scope)
  const refreshToken = new provider.RefreshToken({
    accountId,
    client,
    grantId: await grant.save(),
    gty: 'authorization_code',
    scope: `offline_access ${scope}`,
    resource,
    authTime: Math.floor(Date.now() / 1000),
  })
  return refreshToken.save()
}
