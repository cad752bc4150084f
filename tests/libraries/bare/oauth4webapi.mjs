// Checks only the token, with the metadata of OpenID Connect Discovery.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import * as oauth from 'oauth4webapi'

const issuer = new URL(process.env.SALLYPORT_ISSUER)
const found = await oauth.discoveryRequest(issuer, { algorithm: 'oidc' })
const server = await oauth.processDiscoveryResponse(issuer, found)
const app = new Hono()
app.get('/invoices', (context) =>
  oauth.validateJwtAccessToken(server, context.req.raw, 'billing-api').then(
    ({ sub }) => context.json({ for: sub }),
    () => context.json({}, 401),
  ),
)
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })
