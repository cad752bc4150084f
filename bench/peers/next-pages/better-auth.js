import { join } from 'node:path'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { nextCookies } from 'better-auth/next-js'
import Database from 'better-sqlite3'

const { APP_URL, SECRET, DATABASE_FOLDER } = process.env

async function createAuth(name, cookieCache) {
  const auth = betterAuth({
    baseURL: APP_URL,
    basePath: `/api/${name}`,
    secret: SECRET,
    // While Next builds the app, there are no settings.
    database: new Database(DATABASE_FOLDER ? join(DATABASE_FOLDER, `${name}.db`) : ':memory:'),
    emailAndPassword: { enabled: true },
    // The rate limit is off, because the bench signs all users up from one address.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    advanced: { cookiePrefix: name },
    session: { cookieCache: { enabled: cookieCache, maxAge: 5 * 60 } },
    plugins: [nextCookies()],
  })
  if (DATABASE_FOLDER) await (await getMigrations(auth.options)).runMigrations()
  return auth
}

export const auth = await createAuth('better-auth', false)
export const cachedAuth = await createAuth('better-auth-cached', true)
