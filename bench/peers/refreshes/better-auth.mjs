// Better Auth with its OAuth provider: one public client, access tokens as ES256 JWT for one API.
import { createServer } from 'node:http'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'
import { openDatabase } from './database.mjs'

const { PORT, SECRET, RESOURCE, REDIRECT_URI, SCOPE } = process.env
/** The ids of the OAuth clients that never change. Better Auth does not read these clients from the database at every request. */
const trustedClients = new Set()
const url = `http://localhost:${PORT}`

const auth = betterAuth({
  baseURL: url,
  secret: SECRET,
  database: openDatabase(),
  emailAndPassword: { enabled: true },
  // The rate limit is off, because the bench signs all users up from one address.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  disabledPaths: ['/token'],
  plugins: [
    jwt({ jwks: { keyPairConfig: { alg: 'ES256' } } }),
    oauthProvider({
      loginPage: '/login',
      consentPage: '/consent',
      scopes: SCOPE.split(' '),
      accessTokenExpiresIn: 600,
      refreshTokenExpiresIn: 14 * 86_400,
      resources: [RESOURCE],
      enforcePerClientResources: false,
      cachedResources: new Set([RESOURCE]),
      cachedTrustedClients: trustedClients,
    }),
  ],
})
await (await getMigrations(auth.options)).runMigrations()

const handler = toNodeHandler(auth)
createServer(async (request, response) => {
  if (request.url !== '/client') return handler(request, response)
  response.setHeader('content-type', 'application/json').end(JSON.stringify(await newClient(request)))
}).listen(Number(PORT))

/** Creates a client of a first-party application, which does not ask users for consent. */
async function newClient(request) {
  const client = await auth.api.adminCreateOAuthClient({
    headers: fromNodeHeaders(request.headers),
    body: {
      client_name: 'Bench',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: SCOPE,
      skip_consent: true,
    },
  })
  trustedClients.add(client.client_id)
  return client
}
