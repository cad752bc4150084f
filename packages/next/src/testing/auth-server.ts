import { generateKeyPairSync, sign } from 'node:crypto'
import { type ErrorCode, problemResponse } from '@sallyport/protocol'
import type { SessionDescription } from '@sallyport/protocol/endpoints'
import { createVerifier, importVerificationKey } from '@sallyport/verify'
import { type AuthOptions, readConfig } from '../config/config.ts'
import { createAuthServerClient } from '../session/auth-server-client.ts'
import { createOrganizationTokens } from '../session/organization-tokens.ts'
import { createRefresher } from '../session/refresh.ts'
import { isRenewable } from '../session/renewable.ts'
import type { Runtime } from '../session/runtime.ts'
import { testCredentials } from './credentials.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = importVerificationKey({
  ...publicKey.export({ format: 'jwk' }),
  kid: 'k',
  alg: 'ES256',
  use: 'sig',
})

const options = {
  server: 'http://localhost:4000',
  audience: 'billing-web',
  app: 'http://localhost:3000',
  frontendSecret: testCredentials.frontendSecret,
  trustedProxyHops: 1,
}

type AuthServer = {
  /** The active sessions. The value is the user to whom the session belongs. */
  owners: Map<string, string>
  version: number
  /** All requests that were received. `bodies` has the bodies of those that have one. */
  seen: string[]
  bodies: string[]
  headers: Headers[]
  /** Answers to more requests. The key is a line such as `POST /api/auth/login`. They replace the normal answers. */
  answers: Record<string, () => Response>
  /** If it is set, one request whose line begins with `before` fails. */
  interrupt: { before: string; code: ErrorCode | 'lost' | 'done but lost' } | null
  /** The audience of the tokens. */
  audience: string | string[]
  /** The user agent in the list of sessions. It is the same for all sessions. */
  userAgent: string
  accessToken(sid?: string, version?: number): string
}

/**
 * Starts a small auth server with sessions of two users, and returns it with the SDK's runtime. The SDK gets a `fetch` that calls this
 * server. The server has no revocation feed, so the verifier has only revocations from the SDK itself.
 */
export function startAuthServer(more: AuthOptions = {}): {
  server: AuthServer
  runtime: Runtime
  /** Verifies a token as the pages do. Returns `accepted` or the error code. */
  codeOf(accessToken: string): Promise<string>
} {
  const config = readConfig({ ...options, ...more }, {})
  const server: AuthServer = {
    owners: new Map([
      ['s-here', 'u-1'],
      ['s-phone', 'u-1'],
      ['s-other', 'u-2'],
    ]),
    version: 1,
    seen: [],
    bodies: [],
    headers: [],
    answers: {},
    interrupt: null,
    audience: options.audience,
    userAgent: 'agent',
    accessToken: (sid = 's-here', ver = server.version) =>
      token({ sid, sub: server.owners.get(sid), ver, aud: server.audience }),
  }
  let generation = 0

  function endSessions(except: string | null): Response {
    const own = [...server.owners].filter(([sid, owner]) => owner === 'u-1' && sid !== except)
    for (const [sid] of own) server.owners.delete(sid)
    server.version += 1
    return Response.json({ ended: own.length })
  }

  function answer(line: string, sid: string): Response {
    if (line === 'POST /api/auth/refresh')
      return server.owners.has('s-here')
        ? Response.json({
            accessToken: server.accessToken(),
            refreshToken: `refresh-${++generation}`,
            expiresIn: 600,
          })
        : problemResponse('session_ended')
    if (!server.owners.has(sid)) return problemResponse('session_ended')
    if (line === 'GET /api/auth/sessions')
      return Response.json({
        sessions: [...server.owners].filter(([, owner]) => owner === 'u-1').map(([id]) => describe(id, sid)),
      })
    if (line === 'DELETE /api/auth/sessions') return endSessions(null)
    if (line === 'DELETE /api/auth/sessions?except=current') return endSessions(sid)
    if (line === 'POST /api/auth/password/change') {
      endSessions(sid)
      return new Response(null, { status: 204 })
    }
    const [, id = ''] = line.match(/^DELETE \/api\/auth\/sessions\/(.+)$/) ?? []
    if (server.owners.get(id) !== 'u-1') return problemResponse('not_found')
    server.owners.delete(id)
    return new Response(null, { status: 204 })
  }

  function describe(id: string, asking: string): SessionDescription {
    const { userAgent } = server
    return {
      id,
      current: id === asking,
      createdAt: 0,
      lastUsedAt: 0,
      expiresAt: 1,
      address: null,
      userAgent,
    }
  }

  const fetchImpl: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const { pathname, search } = new URL(request.url)
    const line = `${request.method} ${pathname}${search}`
    server.seen.push(line)
    server.headers.push(request.headers)
    if (request.body) server.bodies.push(await request.text())
    const claims = claimsOf(request.headers.get('authorization')?.slice('Bearer '.length))
    const interruption =
      server.interrupt && line.startsWith(server.interrupt.before) ? server.interrupt : null
    if (interruption) {
      server.interrupt = null
      if (interruption.code === 'done but lost') answer(line, claims.sid)
      if (interruption.code.endsWith('lost')) throw new TypeError('fetch failed')
      return problemResponse(interruption.code as ErrorCode)
    }
    if (claims.ver < server.version) return problemResponse('token_stale')
    return server.answers[line]?.() ?? answer(line, claims.sid)
  }

  const authServer = createAuthServerClient(config, fetchImpl)
  const runtime: Runtime = {
    config,
    authServer,
    refresh: createRefresher(authServer),
    organizations: createOrganizationTokens(authServer),
    asksForRenewal: isRenewable,
    verifier: createVerifier({
      issuer: config.issuer,
      audience: config.audience,
      keySet: { find: () => key, load: () => Promise.resolve() },
    }),
  }
  const codeOf = (accessToken: string) =>
    runtime.verifier.verify(accessToken).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    )
  return { server, runtime, codeOf }
}

function token(claims: Record<string, unknown>): string {
  const seconds = Math.floor(Date.now() / 1000)
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${part({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })}.${part({
    iss: options.server,
    jti: crypto.randomUUID(),
    iat: seconds,
    exp: seconds + 600,
    auth_time: seconds,
    amr: ['pwd'],
    roles: [],
    ...claims,
  })}`
  const signature = sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

function claimsOf(accessToken: string | undefined): { sid: string; ver: number } {
  if (accessToken === undefined) return { sid: '', ver: Number.POSITIVE_INFINITY }
  return JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8'))
}
