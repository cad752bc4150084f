// Better Auth in Express as in its documentation: SQLite, email and password, auth.api.getSession in the endpoint.
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import Database from 'better-sqlite3'
import express from 'express'
import { invoice } from '../../api/invoice.ts'

const { PORT, DATABASE_FILE, SECRET, COOKIE_CACHE } = process.env
const auth = betterAuth({
  baseURL: `http://localhost:${PORT}`,
  secret: SECRET,
  database: new Database(DATABASE_FILE),
  emailAndPassword: { enabled: true },
  // The rate limit is off, because the bench signs in as fast as it can from one address.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  session: { cookieCache: { enabled: Boolean(COOKIE_CACHE), maxAge: 5 * 60 } },
})
await (await getMigrations(auth.options)).runMigrations()

const app = express()
app.all('/api/auth/*splat', toNodeHandler(auth))

async function requireSession(request, response, next) {
  const session = await auth.api.getSession({ headers: fromNodeHeaders(request.headers) })
  if (!session) return response.status(401).end()
  request.auth = session
  next()
}

app.get('/open', (_request, response) => response.json(invoice))
app.get('/guarded', requireSession, (_request, response) => response.json(invoice))
app.listen(Number(PORT))
