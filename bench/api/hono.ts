import { serve } from '@hono/node-server'
import { requireAuth } from '@sallyport/verify/hono'
import { Hono } from 'hono'
import { startApiVerifier } from './api-verifier.ts'
import { invoice } from './invoice.ts'

const verifier = await startApiVerifier()
const app = new Hono()
app.get('/open', (context) => context.json(invoice))
app.get('/guarded', requireAuth(verifier), (context) => context.json(invoice))
serve({ fetch: app.fetch, port: Number(process.env.PORT) })
