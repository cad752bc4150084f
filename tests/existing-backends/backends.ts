import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import express, { type RequestHandler } from 'express'
import { demoAccounts, demoPassword } from '../../scripts/example/config.ts'
import { root } from '../../scripts/install.mjs'
import { findSimpleJwt } from '../system/interpreters.ts'

/** A backend on its own port, without any code of Sallyport. */
export type Backend = {
  url: string
  /** The settings that the pages need in addition to the address of the backend. */
  env: Record<string, string>
  /** The database file of the backend, if it has one. */
  databaseFile: string | null
  stop(): void
}

const billingAnswers = join(root, 'tests/existing-backends/billing.json')
const users = JSON.stringify(
  demoAccounts.map(({ email, name, role }) => {
    const [first, last] = name.split(' ')
    return { email, password: demoPassword, first, last, role }
  }),
)

/** Starts Django with SimpleJWT. It signs with a key pair, as our guide advises, or with a shared secret, the default of SimpleJWT. */
export async function startSimpleJwt(algorithm: 'RS256' | 'HS256'): Promise<Backend> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-django-'))
  const databaseFile = join(folder, 'django.db')
  const { url, child } = await startProcess(
    findSimpleJwt() ?? 'python3',
    join(root, 'examples/django-simplejwt/backend.py'),
    {
      DJANGO_SECRET_KEY: randomBytes(32).toString('hex'),
      DATABASE_FILE: databaseFile,
      ...(algorithm === 'RS256' && { JWT_PRIVATE_KEY: privateKey, JWT_PUBLIC_KEY: publicKey }),
    },
  )
  const stop = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  return { url, env: { JWT_PUBLIC_KEY: publicKey }, databaseFile, stop }
}

export async function startExpress(tokens: 'body' | 'cookie'): Promise<Backend> {
  const { url, child } = await startProcess(
    process.execPath,
    join(root, 'examples/express-tutorial/backend.ts'),
    {
      TOKENS: tokens,
      JWT_SECRET: randomBytes(32).toString('hex'),
      REFRESH_SECRET: randomBytes(32).toString('hex'),
    },
  )
  return { url, env: {}, databaseFile: null, stop: () => void child.kill('SIGKILL') }
}

/**
 * Starts an Express server that behaves like `MapIdentityApi`, as the documentation and the published source of `MapIdentityApi` describe
 * it. `POST /login` and `/refresh` return `tokenType`, `accessToken`, `expiresIn` and `refreshToken`. The tokens are opaque. The response
 * to a wrong password is a 401 with a problem. The response to an ended refresh token is a 401 with a challenge and without a body.
 */
export async function startIdentityShapes(): Promise<Backend> {
  const accessTokens = new Map<string, string>()
  const refreshTokens = new Map<string, string>()
  const billing = JSON.parse(readFileSync(billingAnswers, 'utf8')) as Record<string, object>
  const app = express().use(express.json())
  const issue = (email: string) => {
    const token = () => `CfDJ8${randomBytes(180).toString('base64url')}`
    const [accessToken, refreshToken] = [token(), token()]
    accessTokens.set(accessToken, email)
    refreshTokens.set(refreshToken, email)
    return { tokenType: 'Bearer', accessToken, expiresIn: 3600, refreshToken }
  }
  app.post('/login', ({ body: { email, password } }, res) => {
    if (password === demoPassword && demoAccounts.some((known) => known.email === email))
      return void res.json(issue(email))
    res.status(401).type('application/problem+json')
    res.json({
      type: 'https://tools.ietf.org/html/rfc9110#section-15.5.2',
      title: 'Unauthorized',
      status: 401,
      detail: 'Failed',
    })
  })
  app.post('/refresh', ({ body }, res) => {
    const email = refreshTokens.get(body.refreshToken)
    // Identity itself allows a refresh token to be used again. Here it can be used only once, which is the strictest rule that a backend
    // may have.
    refreshTokens.delete(body.refreshToken)
    if (email === undefined) res.status(401).set('www-authenticate', 'Bearer').end()
    else res.json(issue(email))
  })
  const authorize: RequestHandler = ({ headers }, res, next) => {
    const account = demoAccounts.find(
      ({ email }) => email === accessTokens.get(headers.authorization?.replace('Bearer ', '') ?? ''),
    )
    if (account === undefined) return void res.sendStatus(401)
    res.locals.account = account
    next()
  }
  app.get('/me', authorize, (_req, res) => {
    const { email, name, role } = res.locals.account as (typeof demoAccounts)[number]
    res.json({ id: `id-of-${role}`, email, name, roles: [role] })
  })
  app.get('/billing/summary', authorize, (_req, res) => void res.json(billing.summary))
  app.get('/billing/invoices', authorize, (_req, res) => void res.json(billing.invoices))
  app.get('/billing/reports/revenue', authorize, (_req, res) => {
    const { role } = res.locals.account as (typeof demoAccounts)[number]
    if (role === 'member') res.sendStatus(403)
    else res.json(billing.revenue)
  })
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${address.port}`,
    env: {},
    databaseFile: null,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Starts a process that prints its address in its first line. */
async function startProcess(
  command: string,
  file: string,
  env: Record<string, string>,
): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(command, [file, '0'], {
    env: { ...process.env, ...env, USERS: users, BILLING_ANSWERS: billingAnswers },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('close', (code) => reject(new Error(`${file} ended by itself: ${code}`)))
  })
  return { url, child }
}
