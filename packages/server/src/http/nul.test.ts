import { headers as headerNames, problemSchema } from '@sallyport/protocol'
import { type Endpoint, paths, endpoints as table } from '@sallyport/protocol/endpoints'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serve } from '../node.ts'
import { routes } from '../testing/every-route.ts'
import { rawRequest } from '../testing/raw-request.ts'
import {
  bearer,
  frontendSecret,
  metricsSecret,
  password,
  recordingLog,
  startSallyport,
  testOptions,
  verifierSecret,
  withOrganizations,
} from '../testing/sallyport.ts'
import { freshStore, storeKinds } from '../testing/stores.ts'

const nuls = ['%00', 'a%00b', '%00%00']
/** Rate limits are not tested here. */
const isStream = (path: string) => path === paths.revocations
const endpoints = Object.entries(routes).flatMap(([path, methods]) =>
  Object.keys(methods).map((method) => ({ method, path })),
)

/** A NUL in each text that an endpoint stores or looks up. */
const fields = [
  'email',
  'password',
  'name',
  'token',
  'refreshToken',
  'newEmail',
  'newPassword',
  'currentPassword',
  'transport',
  'fields',
  'code',
  'recoveryCode',
  'pendingSignIn',
  'mailedSignIn',
  'provider',
  'slug',
  'roles',
  'userId',
  'organization',
  'subject_token',
]

describe.each(storeKinds)('a NUL is refused on %s as on the other database', (kind) => {
  async function start() {
    const { options } = await freshStore(kind)
    const server = await startSallyport({
      ...options,
      metricsSecret,
      developmentInbox: true,
      mailedSignIn: 'on',
      ...withOrganizations,
    })
    await server.addUser()
    const { accessToken } = await server.signIn()
    const credentialFor = (path: string) => ({
      ...bearer(
        path === paths.introspect ? verifierSecret : path === paths.metrics ? metricsSecret : accessToken,
      ),
      ...(path === paths.readProviderToken && { [headerNames.frontendCredential]: frontendSecret }),
    })
    const faults = () => server.logLines.filter((line) => /fault|"status":5/.test(line))
    return { server, accessToken, credentialFor, faults }
  }

  test('in a path, with 404', async () => {
    const { server, credentialFor, faults } = await start()
    const withId = endpoints.filter(({ path }) => path.includes(':'))
    expect(withId.length).toBeGreaterThan(0)
    for (const { method, path } of withId)
      for (const nul of nuls) {
        const answer = await server.fetch(path.replace(/:\w+/g, nul), {
          method,
          headers: credentialFor(path),
        })
        expect(answer.status, `${method} ${path} ${nul}`).toBe(404)
        expect(problemSchema.parse(await answer.json()).code).toBe('not_found')
      }
    expect(faults()).toEqual([])
  })

  test('in a query, with 400 if the endpoint reads one', async () => {
    const { server, credentialFor, faults } = await start()
    for (const { method, path } of endpoints.filter((endpoint) => !isStream(endpoint.path)))
      for (const query of ['except=%00', 'except=current&a%00=b']) {
        const isRead = `${method} ${path}` === `DELETE ${paths.endSessions}`
        // Another endpoint may have ended the session already: the caller is checked first.
        const credential = isRead ? bearer((await server.signIn()).accessToken) : credentialFor(path)
        const headers = { 'content-type': 'application/json', ...credential }
        const answer = await server.fetch(`${path.replace(/:\w+/g, 'x')}?${query}`, {
          method,
          headers,
          ...(method !== 'GET' && { body: '{}' }),
        })
        const what = `${method} ${path}?${query}`
        if (isRead) expect(answer.status, what).toBe(400)
        else expect(answer.status, what).toBeLessThan(500)
      }
    expect(faults()).toEqual([])
  })

  test('in a JSON text or a form, with 400', async () => {
    const { server, credentialFor, faults } = await start()
    const reading = Object.values<Endpoint>(table).filter(({ request }) => request !== undefined)
    const isRead = ({ method, path }: { method: string; path: string }) =>
      reading.some((row) => row.method === method && row.path.replace(/\{(\w+)\}/g, ':$1') === path)
    for (const { method, path } of endpoints.filter(({ method }) => method !== 'DELETE').filter(isRead))
      for (const field of fields) {
        const answer = await server.fetch(path.replace(/:\w+/g, 'x'), {
          method,
          headers: { 'content-type': 'application/json', ...credentialFor(path) },
          body: JSON.stringify({ email: 'ada@example.com', password, [field]: 'a\0b' }),
        })
        expect(answer.status, `${method} ${path} ${field}`).toBe(400)
      }
    const form = await server.fetch(paths.introspect, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...bearer(verifierSecret) },
      body: 'token=a%00b',
    })
    expect(form.status).toBe(400)
    expect(faults()).toEqual([])
  })

  test('in an import, only for its row', async () => {
    const { server } = await start()
    const passwordHash = `pbkdf2_sha256$600000$a\0b$${'A'.repeat(43)}=`
    const results = await server.sallyport.operator.users.import([
      { email: 'eve@example.com', passwordHash },
      { email: 'eve@example.com', name: 'a\0b' },
      { email: 'bob@example.com' },
    ])
    expect(results.map(({ state }) => state)).toEqual(['refused', 'refused', 'added'])
  })

  test('accepts an encoded NUL in a header as ordinary text', async () => {
    const { server, accessToken, faults } = await start()
    const answer = await server.post(
      paths.signIn,
      { email: 'ada@example.com', password, transport: 'bearer' },
      {
        'user-agent': '%00 \\u0000',
        [headerNames.requestId]: 'a%00b%00c%00',
        [headerNames.device]: '%00',
        [headerNames.clientUserAgent]: '%00',
        [headerNames.clientAddress]: '%00',
        [headerNames.frontendCredential]: frontendSecret,
      },
    )
    expect(answer.status).toBe(200)
    expect((await server.get(paths.readSession, bearer(`${accessToken}%00`))).status).toBe(401)
    expect((await server.refresh('%00'.repeat(24))).status).toBe(401)
    expect(faults()).toEqual([])
  })
})

test('a raw NUL in a header reaches no route', async () => {
  const { log } = recordingLog()
  const { options } = await freshStore('SQLite')
  const server = await serve({ ...testOptions, ...options, port: 0 }, { log })
  onTestFinished(() => server.close())
  for (const header of ['User-Agent: a\0b', 'Cookie: accessToken=a\0b', `${headerNames.device}: a\0b`]) {
    const request = `GET ${paths.readSession} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${header}\r\n\r\n`
    expect((await rawRequest(server.url, request)).status, header).toBe(400)
  }
})
