import { createHmac, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { paths } from '../../packages/protocol/src/endpoints/index.ts'
import { serve } from '../../packages/server/src/node.ts'
import { resigned } from '../../packages/server/src/testing/resigned-token.ts'
import { testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { freePort } from '../system/free-port.ts'
import { startTlsFront } from '../system/tls-front.ts'

const password = 'velvet harbour quilt seven'
const email = 'ada@example.com'
type Tokens = { accessToken: string; refreshToken: string }

export type LibraryIssuer = Awaited<ReturnType<typeof startIssuer>>

/** Starts a real auth server behind TLS and a server of an attacker. Returns tokens of all kinds. */
export async function startIssuer(clean: (ending: () => void) => void) {
  const port = await freePort()
  const front = await startTlsFront('localhost', () => `http://127.0.0.1:${port}`)
  const dataDir = temporaryFolder(clean)
  const issuer = front.origin
  const server = await serve({
    ...testOptions,
    ...{ host: '127.0.0.1', issuer, port, dataDir, logLevel: 'silent' },
  })
  const attacker = await startAttacker()
  // The backends trust the certificates of both servers, as on the internet.
  const authorities = join(dataDir, 'authorities.pem')
  writeFileSync(authorities, `${front.certificate}\n${attacker.certificate}\n`)
  const user = await server.sallyport.operator.users.create({
    email,
    name: 'Ada',
    password,
    roles: ['member'],
  })

  async function post<T>(path: string, body: object): Promise<T> {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return (await answer.json().catch(() => ({}))) as T
  }
  const signIn = (as = email) => post<Tokens>(paths.signIn, { email: as, password, transport: 'bearer' })
  const ended = await signIn()
  await post(paths.signOut, { refreshToken: ended.refreshToken })
  const { accessToken: good } = await signIn()
  const other = { email: 'bob@example.com', name: 'Bob', password, roles: ['finance'] }
  await server.sallyport.operator.users.create(other)
  const { accessToken: finance } = await signIn(other.email)
  const { keys } = (await (await fetch(server.url + paths.jwks)).json()) as { keys: Record<string, string>[] }

  return {
    issuer,
    user,
    good,
    /** A token of a user with the role finance. */
    finance,
    /** A token of the old form, from before tokens had all claims of RFC 9068. */
    withoutClientId: resigned(dataDir, good, { claims: { client_id: undefined } }),
    bad: badTokens(dataDir, { good, ended: ended.accessToken, keys, attacker }),
    /** The settings of a backend. */
    env: {
      SALLYPORT_ISSUER: issuer,
      SALLYPORT_VERIFIER_SECRET: verifierSecret,
      NODE_EXTRA_CA_CERTS: authorities,
      SSL_CERT_FILE: authorities,
    },
    async stop() {
      await Promise.all([server.close(), front.close(), attacker.stop()])
    },
  }
}

type Sources = {
  good: string
  ended: string
  keys: Record<string, string>[]
  attacker: Awaited<ReturnType<typeof startAttacker>>
}

/**
 * Returns tokens that no API may accept. The key says what is wrong with the token. All but the last five have a valid signature of the
 * real issuer.
 */
function badTokens(dataDir: string, { good, ended, keys, attacker }: Sources): Record<string, string> {
  const now = Math.floor(Date.now() / 1000)
  const sign = (changes: Parameters<typeof resigned>[2]) => resigned(dataDir, good, changes)
  const [header = '', claims = ''] = good.split('.')
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string }
  const confused = `${part({ ...head, alg: 'HS256' })}.${claims}`
  const publicKey = JSON.stringify(keys.find(({ kid }) => kid === head.kid))
  return {
    'another audience': sign({ claims: { aud: ['other-api'] } }),
    'another issuer': sign({ claims: { iss: 'https://other.example' } }),
    expired: sign({ claims: { iat: now - 720, exp: now - 120 } }),
    'no exp': sign({ claims: { exp: undefined } }),
    'typ JWT, as an ID token': sign({ header: { typ: 'JWT' } }),
    'no typ': sign({ header: { typ: undefined } }),
    'bound to a key (cnf)': sign({ claims: { cnf: { jkt: 'a' } } }),
    'an ended session': ended,
    'alg none': `${part({ ...head, alg: 'none' })}.${claims}.`,
    'HS256 with the public key': `${confused}.${createHmac('sha256', publicKey).update(confused).digest('base64url')}`,
    'another key under our kid': sign({ key: attacker.keyNamed(head.kid) }),
    'a changed signature': `${good.slice(0, -8)}AAAAAAAA`,
    'the attacker’s own issuer': sign({
      claims: { iss: attacker.origin },
      header: { kid: 'attacker' },
      key: attacker.keyNamed('attacker'),
    }),
  }
}

/** Starts the issuer of an attacker, which publishes its own key. */
async function startAttacker() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'attacker', alg: 'ES256', use: 'sig' }
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: [jwk] })),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const front = await startTlsFront('127.0.0.1', () => `http://127.0.0.1:${port}`)
  return {
    origin: front.origin,
    certificate: front.certificate,
    keyNamed: (kid: string) => ({ kid, algorithm: 'ES256' as const, privateKey }),
    async stop() {
      await front.close()
      server.closeAllConnections()
      server.close()
    },
  }
}
