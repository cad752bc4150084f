// Better Auth in Express with its plugins for authenticator apps and mailed codes, as in its documentation. Mails stay in memory.
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { emailOTP, twoFactor } from 'better-auth/plugins'
import Database from 'better-sqlite3'
import express from 'express'

const { PORT, DATABASE_FILE, SECRET } = process.env
/** The newest code that was mailed to each address. */
const mailed = new Map()
const auth = betterAuth({
  baseURL: `http://localhost:${PORT}`,
  secret: SECRET,
  database: new Database(DATABASE_FILE),
  emailAndPassword: { enabled: true },
  plugins: [
    twoFactor(),
    emailOTP({
      async sendVerificationOTP({ email, otp }) {
        mailed.set(email, otp)
      },
    }),
  ],
  // The rate limit is off, because the bench signs in as fast as it can from one address.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
})
await (await getMigrations(auth.options)).runMigrations()

const app = express()
app.all('/api/auth/*splat', toNodeHandler(auth))
app.get('/mailed', (request, response) => response.json({ code: mailed.get(request.query.email) }))
app.get('/open', (_request, response) => response.json({}))
app.listen(Number(PORT))
