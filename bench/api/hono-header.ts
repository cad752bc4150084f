// The lower limit of a guard of a Hono route: a middleware that finds a bearer token in the header, and checks nothing.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { invoice } from './invoice.ts'

const app = new Hono()
app.get('/open', (context) => context.json(invoice))
app.get(
  '/guarded',
  async (context, next) => {
    if (!context.req.header('authorization')?.startsWith('Bearer ')) return context.text('', 401)
    await next()
  },
  (context) => context.json(invoice),
)
serve({ fetch: app.fetch, port: Number(process.env.PORT) })
