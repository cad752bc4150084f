import { errorTable, isErrorCode, problemSchema } from '@sallyport/protocol'
import { type EndpointName, endpoints, organizationEndpoints, paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { routes } from '../testing/every-route.ts'
import {
  bearer,
  metricsSecret,
  startSallyport,
  type TestServer,
  verifierSecret,
  withOrganizations,
} from '../testing/sallyport.ts'
import { openEndpoints } from './open-endpoints.ts'

/** The access rules of the whole surface, written by hand. A route that is missing here fails the test below. */
type Entry = {
  method: string
  anonymous: number
  signedIn: number
  /** With cookies and an origin. Default: like `signedIn`. */
  browser?: number
  verifier?: number
  metrics?: number
}
const surface: Record<string, Entry[]> = {
  [paths.signUp]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.signIn]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  // Nobody has a pending sign-in here. Its body may be empty.
  [paths.describePendingSignIn]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.proveSecondFactor]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.startSecondFactor]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.finishSecondFactor]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.requestSignInMail]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.signInWithMailedCode]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.describeMailedSignIn]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.confirmMailedSignIn]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.refresh]: [{ method: 'POST', anonymous: 401, signedIn: 200 }],
  [paths.signOut]: [{ method: 'POST', anonymous: 204, signedIn: 204 }],
  [paths.readSession]: [{ method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 }],
  [paths.listSessions]: [
    { method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 },
    { method: 'DELETE', anonymous: 401, signedIn: 200, verifier: 401 },
  ],
  [`${paths.listSessions}/:id`]: [{ method: 'DELETE', anonymous: 401, signedIn: 404, verifier: 401 }],
  [paths.changePassword]: [{ method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 }],
  [paths.forgotPassword]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.resetPassword]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.resendVerification]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.verifyAddress]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.changeAddress]: [{ method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 }],
  [paths.confirmAddress]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.reauthenticate]: [{ method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 }],
  [paths.readProfile]: [
    { method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 },
    { method: 'PATCH', anonymous: 401, signedIn: 400, verifier: 401 },
    { method: 'DELETE', anonymous: 401, signedIn: 400, verifier: 401 },
  ],
  [paths.startPasskeySignIn]: [{ method: 'POST', anonymous: 403, signedIn: 403, browser: 200 }],
  [paths.signInWithPasskey]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.startPasskeySecondFactor]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.proveSecondFactorWithPasskey]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.startPasskeySetup]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.finishPasskeySetup]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.requestPasskeySignUp]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.startPasskeySignUp]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.signUpWithPasskey]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.startPasskeyConfirmation]: [{ method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 }],
  [paths.confirmWithPasskey]: [{ method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 }],
  [paths.startPasskey]: [{ method: 'POST', anonymous: 401, signedIn: 200, verifier: 401 }],
  [paths.listPasskeys]: [
    { method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 },
    { method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 },
  ],
  [`${paths.listPasskeys}/:id`]: [
    { method: 'PATCH', anonymous: 401, signedIn: 400, verifier: 401 },
    { method: 'DELETE', anonymous: 401, signedIn: 404, verifier: 401 },
  ],
  [paths.listActivity]: [{ method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 }],
  [paths.downloadData]: [{ method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 }],
  [paths.listFactors]: [
    { method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 },
    { method: 'PATCH', anonymous: 401, signedIn: 400, verifier: 401 },
    { method: 'DELETE', anonymous: 401, signedIn: 400, verifier: 401 },
  ],
  [paths.startTotp]: [{ method: 'POST', anonymous: 401, signedIn: 200, verifier: 401 }],
  [paths.confirmTotp]: [{ method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 }],
  // These users have no second factor.
  [paths.makeRecoveryCodes]: [{ method: 'POST', anonymous: 401, signedIn: 409, verifier: 401 }],
  [paths.forgetTrustedBrowsers]: [{ method: 'DELETE', anonymous: 401, signedIn: 204, verifier: 401 }],
  [paths.listProviders]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.startProvider]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.holdProviderCallback]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.finishProvider]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  // Only the front end may call it, with its own credential.
  [paths.readProviderToken]: [{ method: 'POST', anonymous: 403, signedIn: 403, verifier: 403 }],
  [paths.listIdentities]: [{ method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 }],
  [`${paths.listIdentities}/:id`]: [{ method: 'DELETE', anonymous: 401, signedIn: 404, verifier: 401 }],
  [paths.listOrganizations]: [
    { method: 'GET', anonymous: 401, signedIn: 200, verifier: 401 },
    { method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 },
  ],
  // These users are members of no organization.
  [`${paths.listOrganizations}/:organization`]: [
    { method: 'GET', anonymous: 401, signedIn: 404, verifier: 401 },
    { method: 'PATCH', anonymous: 401, signedIn: 400, verifier: 401 },
    { method: 'DELETE', anonymous: 401, signedIn: 404, verifier: 401 },
  ],
  ...Object.fromEntries(
    (
      [
        ['keep', 'POST', 404],
        ['leave', 'POST', 404],
        ['owner', 'POST', 400],
        ['members', 'GET', 404],
        ['activity', 'GET', 404],
        ['invitations/:id', 'DELETE', 404],
        ['invitations/:id/resend', 'POST', 404],
      ] as const
    ).map(([end, method, signedIn]) => [
      `${paths.listOrganizations}/:organization/${end}`,
      [{ method, anonymous: 401, signedIn, verifier: 401 }],
    ]),
  ),
  [`${paths.listOrganizations}/:organization/members/:user`]: [
    { method: 'PATCH', anonymous: 401, signedIn: 400, verifier: 401 },
    { method: 'DELETE', anonymous: 401, signedIn: 404, verifier: 401 },
  ],
  [`${paths.listOrganizations}/:organization/invitations`]: [
    { method: 'GET', anonymous: 401, signedIn: 404, verifier: 401 },
    { method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 },
  ],
  [paths.describeInvitation]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  [paths.acceptInvitation]: [{ method: 'POST', anonymous: 401, signedIn: 400, verifier: 401 }],
  [paths.tradeToken]: [{ method: 'POST', anonymous: 400, signedIn: 400 }],
  // With its setting. Without it, the path is among the 404 below.
  [paths.inbox]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.revocations]: [{ method: 'GET', anonymous: 401, signedIn: 401, verifier: 200 }],
  [paths.introspect]: [{ method: 'POST', anonymous: 401, signedIn: 401, verifier: 400 }],
  [paths.jwks]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.discovery]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.metadata]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.openApi]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.reference]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.health]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  [paths.ready]: [{ method: 'GET', anonymous: 200, signedIn: 200 }],
  // With its setting. Without it, the path is among the 404 below.
  [paths.metrics]: [{ method: 'GET', anonymous: 401, signedIn: 401, metrics: 200 }],
}

/** The settings that enable every path. */
const everyDoor = {
  metricsSecret,
  developmentInbox: true,
  mailedSignIn: 'on',
  ...withOrganizations,
} as const
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'FOO']
const each = Object.entries(surface).flatMap(([path, entries]) =>
  entries.map((entry) => ({ path, ...entry })),
)

function ask(server: TestServer, method: string, path: string, headers: Record<string, string> = {}) {
  return server.fetch(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(['GET', 'HEAD', 'OPTIONS'].includes(method) ? {} : { body: '{}' }),
  })
}

/** The status. A stream is cancelled. */
async function statusOf(answer: Response): Promise<number> {
  await answer.body?.cancel()
  return answer.status
}

test('every route of the server is on the list above, and no other [ASVS 6.1.3, 8.2.1]', () => {
  const served = Object.entries(routes).flatMap(([path, entry]) =>
    Object.keys(entry).map((method) => `${method} ${path}`),
  )
  expect(served.sort()).toEqual(each.map(({ method, path }) => `${method} ${path}`).sort())
})

test('metrics, inbox, reference, passkeys and mailed sign-ins exist only if their settings enable them', () => {
  const closed = {
    metricsSecret: undefined,
    developmentInbox: false,
    apiReference: false,
    passkeys: true,
    mailedSignIn: 'off',
    organizations: 'on',
  } as const
  const missing = (settings: Partial<Parameters<typeof openEndpoints>[0]>) => {
    const open = openEndpoints({ ...closed, ...settings }).map(([name]) => name)
    return (Object.keys(endpoints) as EndpointName[]).filter((name) => !open.includes(name))
  }
  const mailed = [
    'requestSignInMail',
    'signInWithMailedCode',
    'describeMailedSignIn',
    'confirmMailedSignIn',
  ] as const
  expect(missing({})).toEqual([...mailed, 'openApi', 'reference', 'metrics', 'inbox'])
  expect(missing({ metricsSecret })).toEqual([...mailed, 'openApi', 'reference', 'inbox'])
  expect(missing({ developmentInbox: true })).toEqual([...mailed, 'openApi', 'reference', 'metrics'])
  expect(missing({ apiReference: true })).toEqual([...mailed, 'metrics', 'inbox'])
  expect(missing({ mailedSignIn: 'on' })).toEqual(['openApi', 'reference', 'metrics', 'inbox'])
  expect(missing({ passkeys: false })).toEqual(
    expect.arrayContaining([
      'signInWithPasskey',
      'startPasskeySecondFactor',
      'addPasskey',
      'confirmWithPasskey',
    ]),
  )
  expect(missing({ organizations: 'off' })).toEqual(
    expect.arrayContaining([...Object.keys(organizationEndpoints), 'tradeToken']),
  )
  const all = { metricsSecret, developmentInbox: true, apiReference: true, mailedSignIn: 'on' } as const
  expect(missing(all)).toEqual([])
})

describe.each(each)(
  '$method $path',
  ({ method, path, anonymous, signedIn, browser: ofBrowser, verifier, metrics }) => {
    test('anonymous, bearer, cookie, verifier and Prometheus get the expected status', async () => {
      const server = await startSallyport(everyDoor)
      await server.addUser()
      const { accessToken } = await server.signIn()
      await server.addUser('bob@example.com')
      const browser = server.browser()
      await browser.signIn('bob@example.com')
      expect(await statusOf(await ask(server, method, path))).toBe(anonymous)
      expect(await statusOf(await ask(server, method, path, bearer(verifierSecret)))).toBe(
        verifier ?? anonymous,
      )
      expect(await statusOf(await ask(server, method, path, bearer(metricsSecret)))).toBe(
        metrics ?? anonymous,
      )
      const usesCookieOnly = path === paths.refresh
      expect(await statusOf(await ask(server, method, path, bearer(accessToken)))).toBe(
        usesCookieOnly ? anonymous : signedIn,
      )
      const body = method === 'GET' ? undefined : {}
      expect(await statusOf(await browser.send(method, path, body))).toBe(ofBrowser ?? signedIn)
    })
  },
)

describe.each(Object.keys(surface))('%s', (path) => {
  test('answers 405 with Allow to every other method [D10]', async () => {
    const server = await startSallyport(everyDoor)
    const known = Object.keys(routes[path] ?? {})
    const allowed = [...known, ...(known.includes('GET') ? ['HEAD'] : []), 'OPTIONS']
    for (const method of methods.filter((name) => !allowed.includes(name))) {
      const answer = await ask(server, method, path)
      expect([method, answer.status]).toEqual([method, 405])
      expect(answer.headers.get('allow')?.split(', ')).toEqual(allowed)
      if (method !== 'HEAD') expect(problemSchema.parse(await answer.json()).code).toBe('method_not_allowed')
    }
    const options = await ask(server, 'OPTIONS', path)
    expect([options.status, options.headers.get('allow')]).toEqual([204, allowed.join(', ')])
  })

  test('HEAD is GET without a body, and leaves no stream open', async () => {
    const server = await startSallyport(everyDoor)
    if (!routes[path]?.GET) return
    for (const headers of [{}, bearer(verifierSecret), bearer(metricsSecret)]) {
      const get = await ask(server, 'GET', path, headers)
      await get.body?.cancel()
      const head = await ask(server, 'HEAD', path, headers)
      expect([head.status, await head.text()]).toEqual([get.status, ''])
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
    }
  })
})

describe('a path without a route', () => {
  test.each([
    '/',
    '/api',
    '/api/auth',
    '/api/auth/',
    '/api/auth/login/',
    '//api/auth/login',
    '/api//auth/login',
    '/API/AUTH/LOGIN',
    '/api/auth/%6cogin',
    '/api/auth/login;x',
    '/api/auth/login%00',
    '/api/auth/login%2f',
    '/api/auth/login.json',
    '/api/auth/session/.css',
    '/api/auth/session.css',
    '/.env',
    '/metrics',
    '/api/development/inbox',
    '/__proto__',
    '/constructor',
    '/%',
    '/%ff',
  ])('%s is 404, never cached [X08]', async (path) => {
    const server = await startSallyport()
    for (const method of ['GET', 'POST']) {
      const answer = await ask(server, method, path)
      expect(answer.status).toBe(404)
      expect(answer.headers.get('cache-control')).toBe('private, no-store')
      expect(await answer.json()).toMatchObject({ code: 'not_found' })
    }
  })
})

describe('every error', () => {
  test('is problem+json with a code of the error table and the request id', async () => {
    const server = await startSallyport(everyDoor)
    for (const { path, method } of each) {
      const answer = await ask(server, method, path, { 'x-request-id': 'request-12345' })
      expect(answer.headers.get('x-request-id')).toBe('request-12345')
      if (answer.ok) continue
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      const problem = problemSchema.parse(await answer.json())
      expect(isErrorCode(problem.code) && errorTable[problem.code].status).toBe(answer.status)
      expect([problem.status, problem.requestId]).toEqual([answer.status, 'request-12345'])
      expect(answer.headers.has('www-authenticate')).toBe(answer.status === 401)
    }
  })

  test.each(['x', 'a b c d e f g h', 'x'.repeat(65), '<script>xxxxx', 'abcdefg\u00e9'])(
    'a request id such as %j is replaced [D07, X03]',
    async (given) => {
      const server = await startSallyport()
      const answer = await server.get(paths.health, { 'x-request-id': given })
      expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
    },
  )
})

describe('the public documents', () => {
  test('the JWKS contains only public parts, and may be cached for a short time [J30]', async () => {
    const server = await startSallyport()
    const answer = await server.get(paths.jwks)
    const { keys } = (await answer.json()) as { keys: Record<string, unknown>[] }
    const members = ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']
    // The key that signs, and the spare one.
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([members, members])
    expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  test.each([paths.metadata, paths.discovery])(
    '%s names what exists, with addresses from the configured issuer only [RFC 8414, X05]',
    async (path) => {
      const server = await startSallyport()
      for (const headers of [
        {},
        {
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
          forwarded: 'host=evil.example',
          'x-forwarded-proto': 'https',
        },
      ]) {
        const answer = await server.sallyport.fetch(new Request(`http://evil.example${path}`, { headers }))
        expect(answer.headers.get('content-type')).toBe('application/json')
        expect(answer.headers.get('cache-control')).toBe('public, max-age=300')
        expect(answer.headers.get('access-control-allow-origin')).toBeNull()
        expect(await answer.json()).toEqual({
          issuer: 'http://localhost:4000',
          jwks_uri: 'http://localhost:4000/.well-known/jwks.json',
          introspection_endpoint: 'http://localhost:4000/api/auth/introspect',
          introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'Bearer'],
          response_types_supported: [],
          grant_types_supported: [],
          subject_types_supported: ['public'],
        })
      }
    },
  )

  test('the metadata names no introspection if verifiers have no credential', async () => {
    const server = await startSallyport({ verifierSecrets: 'none' })
    const metadata = (await (await server.get(paths.metadata)).json()) as object
    expect(Object.keys(metadata)).toEqual([
      'issuer',
      'jwks_uri',
      'response_types_supported',
      'grant_types_supported',
      'subject_types_supported',
    ])
  })

  test('every address in the metadata responds to the methods that it names', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken } = await server.signIn()
    const metadata = (await (await server.get(paths.metadata)).json()) as Record<string, string>
    const pathOf = (name: string) => metadata[name]?.replace(metadata.issuer ?? '', '') ?? ''
    expect((await server.get(pathOf('jwks_uri'))).status).toBe(200)
    const basic = { authorization: `Basic ${btoa(`billing-api:${verifierSecret}`)}` }
    for (const headers of [basic, bearer(verifierSecret)])
      expect(
        await (await server.post(pathOf('introspection_endpoint'), { token: accessToken }, headers)).json(),
      ).toMatchObject({ active: true })
  })

  test('the same key signs and is published after a restart', async () => {
    const server = await startSallyport()
    const before: unknown = await (await server.get(paths.jwks)).json()
    await server.sallyport.close()
    const again = await startSallyport({ dataDir: server.dataDir }, server.clock)
    expect(await (await again.get(paths.jwks)).json()).toEqual(before)
  })
})

describe('when the store fails', () => {
  test('no route hangs, no process exits; health is ok, readiness fails [D08, D09]', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { accessToken, refreshToken } = await server.signIn()
    await server.sallyport.close()
    expect((await server.get(paths.health)).status).toBe(200)
    expect((await server.get(paths.jwks)).status).toBe(200)
    const failing = [
      server.get(paths.ready),
      server.session(accessToken),
      server.get(paths.readProfile, bearer(accessToken)),
      server.refresh(refreshToken),
      server.post(paths.signOut, { refreshToken }),
      server.post(paths.signIn, { email: 'ada@example.com', password: 'x', transport: 'bearer' }),
      server.post(paths.signUp, {
        email: 'eve@example.com',
        password: 'a few good words',
        name: 'E',
        transport: 'bearer',
      }),
      server.introspect(accessToken),
      server.get(paths.revocations, bearer(verifierSecret)),
    ]
    for (const answer of await Promise.all(failing)) {
      expect(answer.status).toBeGreaterThanOrEqual(500)
      const problem = problemSchema.parse(await answer.json())
      expect(['internal_error', 'unavailable']).toContain(problem.code)
      expect(JSON.stringify(problem)).not.toMatch(/sqlite|select|kysely|\.ts/i)
    }
    expect((await server.get(paths.ready)).status).toBe(503)
  })
})
