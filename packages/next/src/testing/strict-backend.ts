import { createHmac, randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** An answer of the backend. `end` closes the connection, and `half` sends an incomplete body. */
type Answer =
  | { status: number; body?: object | string; cookies?: string[]; headers?: Record<string, string> }
  | 'end'
  | 'half'

/**
 * Starts a backend on its own port. It works like the backends of most tutorials: only the backend can verify its access tokens (HS256),
 * and each refresh token works once. If a refresh token is used a second time, the user is signed out.
 */
export async function startStrictBackend(later: (end: () => void) => void = onTestFinished) {
  const live = new Set<string>()
  const backend = {
    url: '',
    /** All requests, as lines such as `POST /login`. */
    seen: [] as string[],
    bodies: [] as Record<string, unknown>[],
    headers: [] as IncomingMessage['headers'][],
    /** The lifetime of an access token, in seconds. */
    lifetime: 600,
    roles: ['member'] as unknown,
    /** The refresh tokens that are valid now. */
    live,
    /** Answers that replace the normal ones. The key is a line such as `POST /refresh`. `done but lost` carries out the request first. */
    answers: {} as Record<string, Answer | 'done but lost' | undefined>,
    /** If it is set, the answer to a refresh waits for this promise. */
    hold: undefined as Promise<void> | undefined,
    /** Returns a new pair of tokens, as if the user had signed in in another browser. */
    signIn: () => issue(),
    count: (line: string) => backend.seen.filter((seen) => seen === line).length,
  }
  const secret = randomUUID()

  function issue(): { accessToken: string; refreshToken: string } {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const now = Math.floor(Date.now() / 1000)
    const claims = { id: 7, jti: randomUUID(), iat: now, exp: now + backend.lifetime }
    const input = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`
    const mac = createHmac('sha256', secret).update(input).digest('base64url')
    const refreshToken = randomUUID()
    live.add(refreshToken)
    return { accessToken: `${input}.${mac}`, refreshToken }
  }

  function isGood(token: string): boolean {
    const [header, payload = '', signature] = token.split('.')
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString() || '{}') as { exp?: number }
    const mac = createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')
    return signature === mac && (exp ?? 0) * 1000 > Date.now()
  }

  function work(line: string, body: Record<string, unknown>, bearer: string): Answer {
    if (line === 'POST /login')
      return body.password === 'right'
        ? { status: 200, body: { ...issue(), expiresIn: backend.lifetime } }
        : { status: 401, body: { message: 'Invalid credentials' } }
    if (line === 'POST /refresh') {
      const token = String(body.refreshToken)
      return live.delete(token) ? { status: 200, body: issue() } : { status: 403, body: { message: 'No' } }
    }
    if (line === 'POST /logout') return { status: live.delete(String(body.refreshToken)) ? 204 : 404 }
    if (line === 'GET /me' || line === 'GET /things')
      return isGood(bearer)
        ? { status: 200, body: { id: 7, roles: backend.roles, name: 'Ada', email: 'ada@example.com' } }
        : { status: 401 }
    return { status: 404 }
  }

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const line = `${request.method} ${request.url}`
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>
    backend.seen.push(line)
    backend.bodies.push(body)
    backend.headers.push(request.headers)
    const told = backend.answers[line]
    const isAnswer = typeof told === 'object' || told === 'end' || told === 'half'
    const worked = isAnswer ? told : work(line, body, bearerOf(request))
    if (line === 'POST /refresh') await backend.hold
    const answer = told === 'done but lost' ? 'end' : worked
    if (answer === 'end') return void request.socket.destroy()
    if (answer === 'half') return void response.writeHead(200).write('{"id":7,')
    response.writeHead(answer.status, {
      'content-type': 'application/json',
      ...answer.headers,
      ...(answer.cookies && { 'set-cookie': answer.cookies }),
    })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? null))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  later(() => {
    server.closeAllConnections()
    server.close()
  })
  backend.url = `http://localhost:${(server.address() as AddressInfo).port}`
  return backend
}

const bearerOf = ({ headers }: IncomingMessage) => headers.authorization?.replace('Bearer ', '') ?? ''
