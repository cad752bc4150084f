// An API like those of many tutorials: bcrypt, jsonwebtoken, one-time refresh tokens. `node backend.ts PORT`.
// It does not use Sallyport. With TOKENS=cookie the tokens are set as cookies, otherwise they are in the body.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import bcrypt from 'bcryptjs'
import express, { type Request, type RequestHandler, type Response } from 'express'
import jwt from 'jsonwebtoken'

type User = { id: string; email: string; name: string; role: string; passwordHash: string }
type Seed = { email: string; password: string; first: string; last: string; role: string }

const {
  JWT_SECRET = '',
  REFRESH_SECRET = '',
  TOKENS = 'body',
  USERS = '[]',
  BILLING_ANSWERS = '',
} = process.env
const expiresIn = Number(process.env.ACCESS_TOKEN_SECONDS ?? 900)
const billing = JSON.parse(readFileSync(BILLING_ANSWERS, 'utf8')) as Record<string, object>

const users = (JSON.parse(USERS) as Seed[]).map(
  ({ email, password, first, last, role }): User => ({
    id: randomUUID(),
    email,
    name: `${first} ${last}`,
    role,
    passwordHash: bcrypt.hashSync(password, 10),
  }),
)
/** The valid refresh tokens. */
const liveTokens = new Set<string>()

function permissionsOf(role: string): string[] {
  const all = ['invoice:read', 'invoice:write', 'customer:read']
  return role === 'member' ? all : [...all, 'report:read']
}

const app = express()
app.use(express.json())

function sendTokens(res: Response, user: User): void {
  // Without a `jti`, two sign-ins within a second would get the same token, and ending one would end both.
  const claims = () => ({ sub: user.id, jti: randomUUID() })
  const accessToken = jwt.sign({ ...claims(), role: user.role }, JWT_SECRET, { expiresIn })
  const refreshToken = jwt.sign(claims(), REFRESH_SECRET, { expiresIn: '7d' })
  liveTokens.add(refreshToken)
  if (TOKENS !== 'cookie') {
    res.json({ accessToken, refreshToken, expiresIn })
    return
  }
  const options = { httpOnly: true, secure: true, sameSite: 'strict' } as const
  res.cookie('accessToken', accessToken, { ...options, maxAge: expiresIn * 1000 })
  res.cookie('refreshToken', refreshToken, { ...options, path: '/api/auth' })
  res.json({ message: 'Logged in' })
}

/** Uses up the refresh token of a request. Returns null if it is not valid. */
function spend(req: Request): string | null {
  const inCookie = /(?:^|; )refreshToken=([^;]*)/.exec(req.headers.cookie ?? '')?.[1]
  const token = TOKENS === 'cookie' ? inCookie : (req.body as { refreshToken?: string }).refreshToken
  return token !== undefined && liveTokens.delete(token) ? token : null
}

const authenticate: RequestHandler = (req, res, next) => {
  const token = req.headers.authorization?.split(' ')[1]
  if (!token) return void res.status(401).json({ message: 'No token' })
  try {
    const { sub } = jwt.verify(token, JWT_SECRET) as { sub: string }
    const user = users.find(({ id }) => id === sub)
    if (!user) return void res.status(401).json({ message: 'No such user' })
    res.locals.user = user
    next()
  } catch {
    res.status(401).json({ message: 'Invalid token' })
  }
}

app.post('/api/auth/login', async (req, res) => {
  const { email, password } = req.body as { email?: string; password?: string }
  const user = users.find((known) => known.email === email)
  if (!user || !(await bcrypt.compare(String(password), user.passwordHash)))
    return void res.status(401).json({ message: 'Invalid email or password' })
  sendTokens(res, user)
})

app.post('/api/auth/refresh', (req, res) => {
  const token = spend(req)
  if (token === null) return void res.status(403).json({ message: 'Invalid refresh token' })
  try {
    const { sub } = jwt.verify(token, REFRESH_SECRET) as { sub: string }
    const user = users.find(({ id }) => id === sub)
    if (user) sendTokens(res, user)
    else res.sendStatus(403)
  } catch {
    res.sendStatus(403)
  }
})

app.post('/api/auth/logout', (req, res) => {
  spend(req)
  res.sendStatus(204)
})

app.get('/api/me', authenticate, (_req, res) => {
  const { id, name, email, role } = res.locals.user as User
  res.json({ id, name, email, role, permissions: permissionsOf(role) })
})

app.get('/billing/summary', authenticate, (_req, res) => void res.json(billing.summary))
app.get('/billing/invoices', authenticate, (_req, res) => void res.json(billing.invoices))
app.get('/billing/reports/revenue', authenticate, (_req, res) => {
  const { role } = res.locals.user as User
  if (role === 'member') res.status(403).json({ message: 'Forbidden' })
  else res.json(billing.revenue)
})

const server = app.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) console.log(`http://127.0.0.1:${address.port}`)
})
