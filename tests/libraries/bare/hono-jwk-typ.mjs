// Sets the one option without which the library refuses all our tokens.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwk } from 'hono/jwk'

const app = new Hono()
app.use(
  jwk({
    jwks_uri: `${process.env.SALLYPORT_ISSUER}/.well-known/jwks.json`,
    alg: ['ES256'],
    verification: { typ: 'at+jwt' },
  }),
)
app.get('/invoices', (context) => context.json({ for: context.get('jwtPayload').sub }))
serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: '127.0.0.1' })
