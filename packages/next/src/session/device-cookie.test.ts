import { describe, expect, it } from 'vitest'
import { readConfig } from '../config/config.ts'
import { startAuthServer } from '../testing/auth-server.ts'
import { testCredentials } from '../testing/credentials.ts'
import { openPage } from '../testing/open-page.ts'
import { createAuthServerClient } from './auth-server-client.ts'
import { deviceCookieFor, readDevice } from './device-cookie.ts'
import { appendCookies } from './session-cookies.ts'

const common = { server: 'http://localhost:4000', audience: 'billing-web' }
const secure = readConfig({ ...common, ...testCredentials, app: 'https://app.example.com' }, {})
const local = readConfig({ ...common, app: 'http://localhost:3000' }, {})

const user = {
  id: 'u-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: [],
  emailVerified: true,
  createdAt: 0,
}

/** An auth server that knows the browser as `device` from its next sign-in on. */
function start({ device = 'd-1' }: { device?: string | null } = {}) {
  const { server, runtime } = startAuthServer()
  const signIn = () =>
    Response.json(
      { user, accessToken: server.accessToken(), refreshToken: 'refresh-0', expiresIn: 600 },
      device === null ? {} : { headers: { 'sallyport-device': device } },
    )
  for (const path of ['login', 'register', 'email/verify']) server.answers[`POST /api/auth/${path}`] = signIn
  server.answers['POST /api/auth/logout'] = () => new Response(null, { status: 204 })
  const sent = (path: string) =>
    server.headers[server.seen.lastIndexOf(`POST /api/auth/${path}`)]?.get('sallyport-device')
  return { server, runtime, sent }
}

describe('the device cookie', () => {
  it('is __Host-, HttpOnly, Secure and SameSite=Lax, and lasts 400 days', () => {
    const headers = new Headers()
    appendCookies(headers, deviceCookieFor('d-1', secure), secure)
    expect(headers.getSetCookie()).toEqual([
      '__Host-sallyport_device=d-1; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure',
    ])
  })

  it('on http://localhost has its plain name and no Secure', () => {
    const headers = new Headers()
    appendCookies(headers, deviceCookieFor('d-1', local), local)
    expect(headers.getSetCookie()).toEqual([
      'sallyport_device=d-1; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax',
    ])
  })

  it.each([
    ['twice', '__Host-sallyport_device=d-1; __Host-sallyport_device=d-2'],
    [
      'under a look-alike',
      '__HOST-sallyport_device=d-1; sallyport_device=d-1; __Secure-sallyport_device=d-1',
    ],
    ['empty', '__Host-sallyport_device='],
    ['with what would be another header', '__Host-sallyport_device=d%0d%0ax:1 y'],
    ['too long', `__Host-sallyport_device=${'d'.repeat(513)}`],
  ])('is ignored: %s [CK-06, S04]', (_, header) => {
    expect(readDevice(header, secure)).toBeNull()
  })

  it('is not set for an invalid value of the auth server', () => {
    for (const device of ['', 'a b', 'a;Domain=example.com', 'd'.repeat(513)])
      expect(deviceCookieFor(device, secure)).toEqual([])
  })
})

describe('a browser that has signed in before [A05]', () => {
  it.each(['login', 'register', 'email/verify'])(
    'stores the value of POST %s, and no response body contains it',
    async (path) => {
      const { runtime } = start()
      const { ask, jar } = openPage(runtime)
      const { body, set } = await ask('POST', path, { body: '{}' })
      expect(set).toEqual(['accessToken', 'refreshToken', 'sallyport_device'])
      expect(jar().sallyport_device).toBe('d-1')
      expect(JSON.stringify(body)).not.toContain('d-1')
    },
  )

  it('sends it at the next sign-in, with the front-end credential', async () => {
    const { server, runtime, sent } = start()
    const { ask, jar } = openPage(runtime)
    await ask('POST', 'login', { body: '{}' })
    expect(sent('login')).toBeNull()
    await ask('POST', 'logout', { body: '{}' })
    expect(jar()).toEqual({ sallyport_device: 'd-1' })
    await ask('POST', 'login', { body: '{}' })
    expect(sent('login')).toBe('d-1')
    expect(server.headers.at(-1)?.get('sallyport-frontend')).toBe(testCredentials.frontendSecret)
  })

  it.each(['login', 'register', 'email/verify', 'reauthenticate', 'password/change', 'email/change'])(
    'sends it to POST %s',
    async (path) => {
      const { server, runtime, sent } = start()
      const jar = { sallyport_device: 'd-1', accessToken: server.accessToken(), refreshToken: 'refresh-0' }
      await openPage(runtime, jar).ask('POST', path, { body: '{}' })
      expect(sent(path)).toBe('d-1')
    },
  )

  it('keeps it if the next sign-in returns none', async () => {
    const { runtime } = start({ device: null })
    const { ask, jar } = openPage(runtime, { sallyport_device: 'd-0' })
    expect((await ask('POST', 'login', { body: '{}' })).set).toEqual(['accessToken', 'refreshToken'])
    expect(jar().sallyport_device).toBe('d-0')
  })

  it('is not sent without the front-end credential', async () => {
    const seen: Headers[] = []
    const authServer = createAuthServerClient(local, async (input, init) => {
      seen.push(new Request(input, init).headers)
      return new Response(null, { status: 500 })
    })
    await authServer.begin(
      'signIn',
      { json: '{}', replaces: null },
      { address: '203.0.113.9', userAgent: 'agent', requestId: null, device: 'd-1' },
    )
    expect(seen[0]?.has('sallyport-device')).toBe(false)
  })
})
