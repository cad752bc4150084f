import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import { OAuth2Server } from 'oauth2-mock-server'
import OidcServer, { type ClientMetadata, type Configuration } from 'oidc-provider'
import { onTestFinished } from 'vitest'

/** The redirect address of the provider with this name, with the settings of the test server. */
export const callbackOf = (name: string) => `http://localhost:3000/api/auth/providers/${name}/callback`

/** The client at every provider of the tests. */
export const testClient = { clientId: 'sallyport', clientSecret: 'a-client-secret-of-the-tests' }

async function listen(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, 'localhost')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

export async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: crypto.randomUUID() }
}

/** The claims of the accounts at a provider, by subject. */
export type Accounts = Record<string, { email?: string; email_verified?: unknown; name?: string }>

/**
 * Returns the server `oidc-provider` for an issuer, a certified OpenID provider. It requires PKCE, and sends `iss` (RFC 9207) with each
 * callback.
 */
export function oidcServer(
  issuer: string,
  accounts: Accounts,
  {
    keys,
    redirectUrls,
    client = {},
    more = {},
    onGrant,
  }: {
    keys: JWK[]
    redirectUrls: string[]
    client?: Partial<ClientMetadata>
    more?: Partial<Configuration>
    /** Called with each answer of the token endpoint. */
    onGrant?: (type: string, body: Record<string, unknown>) => void
  },
): RequestListener {
  const configuration: Configuration = {
    clients: [
      {
        client_id: testClient.clientId,
        client_secret: testClient.clientSecret,
        redirect_uris: redirectUrls,
        ...client,
      },
    ],
    jwks: { keys: keys as never },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    pkce: { required: () => true },
    cookies: { keys: ['a key of the tests'] },
    features: { encryption: { enabled: true }, revocation: { enabled: true } },
    findAccount: (_, accountId) => ({
      accountId,
      claims: () => ({ ...accounts[accountId], sub: accountId }),
    }),
    ttl: { Session: 600, Interaction: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
    ...more,
  }
  const server = new OidcServer(issuer, configuration)
  server.on('grant.success', ({ oidc, body }) =>
    onGrant?.(String(oidc.params?.grant_type), body as Record<string, unknown>),
  )
  // With https, a hop in front of the server ends TLS.
  server.proxy = issuer.startsWith('https:')
  return server.callback()
}

/**
 * Starts `oidc-provider`, a certified OpenID provider. It requires PKCE, and sends `iss` (RFC 9207) with each callback. Tests sign in at it
 * by HTTP, with the forms of its pages.
 */
export async function startOidcProvider(
  accounts: Accounts,
  {
    names = ['acme'],
    client = {},
    more = {},
  }: { names?: string[]; client?: Partial<ClientMetadata>; more?: Partial<Configuration> } = {},
) {
  const grants: { type: string; body: Record<string, unknown> }[] = []
  const requests: string[] = []
  let current: RequestListener = (_, response) => response.end()
  const issuer = await listen((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    current(request, response)
  })
  let keys = [await newKey()]
  const open = () => {
    const onGrant = (type: string, body: Record<string, unknown>) => void grants.push({ type, body })
    const shown = { keys, redirectUrls: names.map(callbackOf), client, more, onGrant }
    current = oidcServer(issuer, accounts, shown)
  }
  open()
  return {
    issuer,
    /** The answers of the token endpoint. */
    grants,
    /** The method and the path of each request. */
    requests,
    /** Answers every request with 503. */
    goDown() {
      current = (_, response) => response.writeHead(503).end()
    },
    /** Does not answer until the returned function is called. Then answers with 503. */
    goSilent() {
      const waiting: ServerResponse[] = []
      current = (_, response) => void waiting.push(response)
      return () => {
        for (const response of waiting) response.writeHead(503).end()
      }
    },
    /** Replaces the signing key, without an overlap. */
    async rotateKeys() {
      keys = [await newKey()]
      open()
    },
  }
}

/** Starts `oauth2-mock-server`, whose answers a test can change before they are sent. It has one account, `johndoe`. */
export async function startMockProvider(claims: Record<string, unknown> = {}) {
  const server = new OAuth2Server()
  await server.issuer.keys.generate('RS256')
  await server.start(0, 'localhost')
  onTestFinished(() => server.stop())
  server.service.on('beforeUserinfo', (answer: { body: object }) => Object.assign(answer.body, claims))
  return { issuer: server.issuer.url ?? '', server, service: server.service }
}

/** Starts an OAuth 2.0 server with the addresses and answers of GitHub. */
export async function startGithub(
  user: Record<string, unknown>,
  emails: Record<string, unknown>[],
): Promise<{ url: string; challenges: Map<string, string>; ended: string[] }> {
  const challenges = new Map<string, string>()
  /** The access tokens whose grant was ended. */
  const ended: string[] = []
  const url = await listen(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    const json = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (pathname === '/login/oauth/authorize') {
      const code = crypto.randomUUID()
      challenges.set(code, searchParams.get('code_challenge') ?? '')
      const back = new URL(searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', searchParams.get('state') ?? '')
      return response.writeHead(302, { location: back.href }).end()
    }
    if (pathname === '/login/oauth/access_token') {
      const form = new URLSearchParams(await text(request))
      const digest = await crypto.subtle.digest('SHA-256', Buffer.from(form.get('code_verifier') ?? ''))
      const challenge = challenges.get(form.get('code') ?? '')
      const isRight =
        challenge === Buffer.from(digest).toString('base64url') &&
        form.get('client_secret') === testClient.clientSecret
      // GitHub sends errors with status 200.
      if (!isRight) return json({ error: 'bad_verification_code', error_description: '<b>wrong</b>' })
      return json({ access_token: 'gho_of_the_tests', token_type: 'bearer', scope: 'read:user,user:email' })
    }
    if (request.method === 'DELETE' && pathname === `/api/v3/applications/${testClient.clientId}/grant`) {
      const credential = Buffer.from(`${testClient.clientId}:${testClient.clientSecret}`).toString('base64')
      if (request.headers.authorization !== `Basic ${credential}`) return json({ message: 'no' }, 401)
      ended.push((JSON.parse(await text(request)) as { access_token: string }).access_token)
      return response.writeHead(204).end()
    }
    if (request.headers.authorization !== 'Bearer gho_of_the_tests') return json({ message: 'no' }, 401)
    if (pathname === '/api/v3/user') return json(user)
    if (pathname === '/api/v3/user/emails') return json(emails)
    return json({ message: 'Not Found' }, 404)
  })
  return { url, challenges, ended }
}

/** What the browser sends to our callback. */
export type Callback = Record<string, string>

/**
 * Signs in at a provider as a browser would do: opens the address, sends the forms of its pages, and stops at our callback. Returns the
 * values of the callback. `account` null cancels.
 */
export async function visitProvider(url: string, account: string | null = 'johndoe'): Promise<Callback> {
  const jar = new Map<string, string>()
  let at = url
  let form: URLSearchParams | null = null
  for (let step = 0; step < 12; step += 1) {
    const answer: Response = await fetch(at, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form !== null && { method: 'POST', body: form }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      jar.set(name, value)
    }
    const location = answer.headers.get('location')
    const page = await answer.text()
    if (location !== null) {
      at = new URL(location, at).href
      form = null
      if (at.startsWith('http://localhost:3000/')) return Object.fromEntries(new URL(at).searchParams)
      continue
    }
    const action = /<form[^>]* action="([^"]+)"/.exec(page)?.[1]
    if (action === undefined) throw new Error(`${at} answered ${answer.status}: ${page.slice(0, 500)}`)
    const values = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
      name,
      value,
    ])
    // The page of `response_mode=form_post`.
    if (action.startsWith('http://localhost:3000/')) return Object.fromEntries(values) as Callback
    const abort = /href="([^"]+\/abort)"/.exec(page)?.[1]
    if (account === null && abort !== undefined) {
      at = new URL(abort, at).href
      form = null
      continue
    }
    at = new URL(action, at).href
    form = new URLSearchParams({
      ...(Object.fromEntries(values) as Callback),
      ...(page.includes('name="login"') && { login: account ?? '', password: 'any' }),
    })
  }
  throw new Error(`The provider does not end: ${at}`)
}
