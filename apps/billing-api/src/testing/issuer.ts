import { generateKeyPairSync, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { access } from '../../../billing-auth/access.ts'

/** The claims in the access token of a caller. */
export type Caller = { sub: string; roles: readonly string[]; permissions: readonly string[] }

const { owner, finance, member } = access.roles
/** The callers of the example, and a signed-in caller without permissions. */
export const callers = {
  owner: { sub: 'user-owner', roles: ['owner'], permissions: owner },
  finance: { sub: 'user-finance', roles: ['finance'], permissions: finance },
  member: { sub: 'user-member', roles: ['member'], permissions: member },
  stranger: { sub: 'user-stranger', roles: [], permissions: [] },
} as const satisfies Record<string, Caller>

/** A test auth server on its own port, with real keys, a real JWKS and a real revocation feed. */
export type Issuer = {
  url: string
  verifierSecret: string
  /** Returns a valid access token. `changes` replaces some of its claims. */
  token(caller: Caller, changes?: Record<string, unknown>): string
  /** Returns a token that is valid except for its signature. */
  forgedToken(caller: Caller): string
  /** Ends a session, and sends the revocation on the feed. */
  endSession(sid: string): void
  close(): Promise<void>
}

export async function startIssuer(): Promise<Issuer> {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const foreignKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const kid = randomUUID()
  const verifierSecret = randomBytes(32).toString('base64url')
  const readers = new Set<ServerResponse>()
  let seq = 0

  const server = createServer((req, res) => {
    if (req.url === '/.well-known/jwks.json') {
      const jwk = { ...key.publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }
      res.setHeader('content-type', 'application/jwk-set+json').end(JSON.stringify({ keys: [jwk] }))
    } else if (
      req.url === '/api/auth/revocations' &&
      req.headers.authorization === `Bearer ${verifierSecret}`
    ) {
      res.setHeader('content-type', 'text/event-stream')
      res.write(`id: ${seq}\nevent: snapshot\ndata: {"revocations":[]}\n\n`)
      readers.add(res)
      res.once('close', () => readers.delete(res))
    } else {
      res.writeHead(404).end()
    }
  })
  const heartbeat = setInterval(() => {
    for (const reader of readers) reader.write(':\n')
  }, 1_000)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://localhost:${(server.address() as AddressInfo).port}`

  const issue = (privateKey: KeyObject, { sub, roles, permissions }: Caller, changes = {}) => {
    const seconds = Math.floor(Date.now() / 1000)
    const claims = {
      iss: url,
      aud: ['billing-api', 'billing-web'],
      sub,
      sid: randomUUID(),
      ver: 1,
      jti: randomUUID(),
      iat: seconds,
      exp: seconds + 600,
      auth_time: seconds,
      amr: ['pwd'],
      roles,
      permissions,
      ...changes,
    }
    const parts = [{ alg: 'ES256', typ: 'at+jwt', kid }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const signature = sign('sha256', Buffer.from(parts.join('.')), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    })
    return `${parts.join('.')}.${signature.toString('base64url')}`
  }

  return {
    url,
    verifierSecret,
    token: (caller, changes) => issue(key.privateKey, caller, changes),
    forgedToken: (caller) => issue(foreignKey.privateKey, caller),
    endSession(sid) {
      seq++
      const revocation = { seq, sid, until: Date.now() + 600_000 }
      for (const reader of readers)
        reader.write(`id: ${seq}\nevent: revocation\ndata: ${JSON.stringify(revocation)}\n\n`)
    },
    async close() {
      clearInterval(heartbeat)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
