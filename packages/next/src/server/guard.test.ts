import type { Principal, User } from '@sallyport/protocol'
import { problemResponse } from '@sallyport/protocol'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { createAuthFunction } from './auth.ts'

const ours = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }
const user: User = {
  id: 'u-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: ['finance'],
  emailVerified: true,
  createdAt: 0,
}

// Next writes its settings into the bundle; the first lets `forbidden()` be called.
beforeEach(() => vi.stubEnv('__NEXT_EXPERIMENTAL_AUTH_INTERRUPTS', 'true'))
afterEach(() => vi.unstubAllEnvs())

/** The guard, as a page of somebody with these roles and permissions calls it; null: of nobody. */
async function start(
  person: Partial<Pick<Principal, 'roles' | 'permissions' | 'authenticatedAt' | 'acr'>> | null = {},
  { isForeign = false }: { isForeign?: boolean } = {},
) {
  const { server, runtime, codeOf } = startAuthServer()
  const accessToken = server.accessToken()
  const principal = { ...(await runtime.verifier.verify(accessToken)), ...person }
  const session = person && { kind: 'signedIn' as const, principal, accessToken, changes: [] }
  const request = {
    headers: new Headers({ ...ours, 'user-agent': 'Firefox' }),
    cookieHeader: null,
    isWritable: () => true,
    setCookies: () => {},
  }
  const auth = createAuthFunction(
    () => runtime,
    async () => ({ request, session, isForeign }),
    async () => ({ request, kind: 'outside' }),
  )
  return { auth, server, principal, codeOf: () => codeOf(accessToken) }
}

/** What Next makes of an error that ends a render: `NEXT_REDIRECT;replace;/login;307;`. */
const endOf = (ended: Promise<unknown>) =>
  ended.then(
    () => 'a page',
    (error: { digest?: string }) => error.digest ?? error,
  )
const sent = (method: string, headers: Record<string, string>) =>
  new Request('http://localhost:3000/own', { method, headers })

describe('auth', () => {
  it('returns the principal, or null without a session or for another origin', async () => {
    const { auth, principal } = await start()
    expect(await auth()).toBe(principal)
    expect(await (await start(null)).auth()).toBeNull()
    expect(await (await start({}, { isForeign: true })).auth()).toBeNull()
  })
})

describe('auth.require', () => {
  it.each([
    [{}, {}],
    [{ role: 'finance' }, { roles: ['member', 'finance'] }],
    [{ role: ['owner', 'finance'] }, { roles: ['finance'] }],
    [{ permission: 'invoice:read' }, { permissions: ['invoice:read'] }],
    [
      { role: 'finance', permission: 'invoice:read' },
      { roles: ['finance'], permissions: ['invoice:read'] },
    ],
  ])('allows the requirement %j for %j', async (requirement, person) => {
    const { auth, principal } = await start(person)
    expect(await auth.require(requirement)).toBe(principal)
    expect(await auth.require({ ...requirement, returnTo: '/profile' })).toBe(principal)
  })

  it.each([
    [{ role: 'finance' }, {}],
    [{ role: 'finance' }, { roles: ['finances'], permissions: ['finance'] }],
    [{ role: ['owner', 'finance'] }, { roles: ['member'] }],
    [{ permission: 'invoice:read' }, { roles: ['invoice:read'], permissions: ['invoice:write'] }],
    [{ role: 'finance', permission: 'invoice:read' }, { roles: ['finance'] }],
    [{ role: 'finance', returnTo: '/profile' }, { roles: ['member'] }],
  ])('refuses the requirement %j for %j with 403', async (requirement, person) => {
    const { auth } = await start(person)
    expect(await endOf(auth.require(requirement))).toBe('NEXT_HTTP_ERROR_FALLBACK;403')
  })

  it.each([
    [undefined, '/login'],
    [{}, '/login'],
    [{ role: 'finance' }, '/login'],
    [{ returnTo: '/invoices?page=2' }, '/login?returnTo=%2Finvoices%3Fpage%3D2'],
    [{ role: 'finance', returnTo: '/invoices' }, '/login?returnTo=%2Finvoices'],
    [{ returnTo: '//evil.example' }, '/login?returnTo=%2Fdashboard'],
  ])('with %j redirects a visitor without a session to %s', async (asked, address) => {
    const { auth } = await start(null)
    const ended = asked === undefined ? auth.require() : auth.require(asked)
    expect(await endOf(ended)).toBe(`NEXT_REDIRECT;replace;${address};307;`)
  })

  it.each([
    [{ maxAgeSeconds: 600 }, 601, undefined, '/confirm'],
    [{ acr: 'aal2' }, 0, 'aal1', '/confirm'],
    [
      { maxAgeSeconds: 600, returnTo: '/payouts?page=2' },
      601,
      'aal2',
      '/confirm?returnTo=%2Fpayouts%3Fpage%3D2',
    ],
    [{ maxAgeSeconds: 600, returnTo: '//evil.example' }, 601, undefined, '/confirm?returnTo=%2Fdashboard'],
  ] as const)(
    'with %j redirects a user who authenticated %i s ago with %s to %s',
    async (asked, age, acr, to) => {
      const { auth } = await start({ authenticatedAt: Date.now() - age * 1000, ...(acr && { acr }) })
      expect(await endOf(auth.require(asked))).toBe(`NEXT_REDIRECT;replace;${to};307;`)
    },
  )

  it('allows a recent authentication of the required level, and refuses a missing role with 403', async () => {
    const { auth, principal } = await start({ authenticatedAt: Date.now() - 599_000, acr: 'aal2' })
    expect(await auth.require({ maxAgeSeconds: 600, acr: 'aal2' })).toBe(principal)
    const stale = await start({ roles: [], authenticatedAt: 0 })
    const ended = stale.auth.require({ role: 'finance', maxAgeSeconds: 600 })
    expect(await endOf(ended)).toBe('NEXT_HTTP_ERROR_FALLBACK;403')
  })

  it('gives a page of another origin neither a principal nor a redirect', async () => {
    for (const person of [{ roles: ['finance'] }, null]) {
      const { auth } = await start(person, { isForeign: true })
      await expect(auth.require({ role: 'finance' })).rejects.toMatchObject({
        code: 'origin_refused',
        status: 403,
        digest: 'NEXT_HTTP_ERROR_FALLBACK;403',
      })
    }
  })
})

describe('auth.meets', () => {
  it('says whether the user meets the requirement, and redirects nobody', async () => {
    const { auth } = await start({ roles: ['finance'], authenticatedAt: Date.now() - 601_000 })
    expect(await auth.meets({ role: 'finance' })).toBe(true)
    expect(await auth.meets({ role: 'owner' })).toBe(false)
    expect(await auth.meets({ maxAgeSeconds: 600 })).toBe(false)
    expect(await auth.meets({ maxAgeSeconds: 700 })).toBe(true)
    expect(await (await start(null)).auth.meets({ role: 'finance' })).toBe(false)
  })

  it.each([undefined, null, {}, { role: undefined }, { maxAge: 600 }, []])(
    'throws for %j, which would mean nothing or everybody',
    async (asked) => {
      const { auth } = await start()
      await expect(auth.meets(asked as never)).rejects.toThrow(TypeError)
    },
  )

  it('refuses a request of another origin', async () => {
    const foreign = await start({}, { isForeign: true })
    await expect(foreign.auth.meets({ role: 'finance' })).rejects.toMatchObject({ code: 'origin_refused' })
    const { auth } = await start({ roles: ['finance'] })
    const request = sent('POST', { origin: 'https://evil.example' })
    await expect(auth.meets({ role: 'finance' }, { request })).rejects.toMatchObject({
      code: 'origin_refused',
    })
  })
})

describe('the request of a handler', () => {
  it.each<[string, Record<string, string>]>([
    ['GET', {}],
    ['HEAD', {}],
    ['OPTIONS', {}],
    ['POST', ours],
    ['DELETE', ours],
    ['PATCH', { origin: ours.origin }],
  ])('%s with %j gets the principal', async (method, headers) => {
    const { auth, principal } = await start()
    expect(await auth({ request: sent(method, headers) })).toBe(principal)
    expect(await auth.require({}, { request: sent(method, headers) })).toBe(principal)
  })

  it.each<[string, Record<string, string>]>([
    ['POST', {}],
    ['PUT', { origin: 'null' }],
    ['PATCH', { origin: 'https://evil.example' }],
    ['DELETE', { origin: 'http://localhost:3001' }],
    ['POST', { ...ours, 'sec-fetch-site': 'same-site' }],
    ['PROPFIND', {}],
  ])('%s with %j gets no principal', async (method, headers) => {
    const { auth } = await start()
    const request = sent(method, headers)
    expect(await auth({ request })).toBeNull()
    await expect(auth.require({}, { request })).rejects.toMatchObject({ code: 'origin_refused' })
  })

  it('may be missing if the options are empty or missing', async () => {
    const { auth, principal } = await start()
    expect(await auth({})).toBe(principal)
    expect(await auth.require({}, {})).toBe(principal)
    expect(await auth.require({}, undefined)).toBe(principal)
  })

  it.each([
    ['null', null],
    ['text', 'POST'],
    ['null in it', { request: null }],
    ['a method alone', { request: { method: 'POST' } }],
    ['headers alone', { request: { headers: new Headers() } }],
    ['text in it', { request: 'POST' }],
    ['a function', () => {}],
    ['what has a method itself', Object.create({ method: 'POST' })],
  ])('%s is a TypeError', async (_, options) => {
    const { auth } = await start()
    const call = auth as unknown as (options: unknown) => Promise<unknown>
    const require = auth.require as unknown as (...asked: unknown[]) => Promise<unknown>
    await expect(call(options)).rejects.toThrow(TypeError)
    await expect(require({}, options)).rejects.toThrow(/\{ request \}/)
  })
})

describe('auth.user', () => {
  const profile = 'GET /api/user/profile'

  it('calls the auth server as the user, with details of the browser', async () => {
    const { auth, server } = await start()
    server.answers[profile] = () => Response.json({ user })
    expect(await auth.user()).toEqual(user)
    expect(server.seen).toEqual([profile])
    expect(server.headers[0]?.get('authorization')).toMatch(/^Bearer ey/)
    expect(server.headers[0]?.get('sallyport-client-user-agent')).toBe('Firefox')
  })

  it('returns null without a session, and sends no request', async () => {
    const { auth, server } = await start(null)
    expect(await auth.user()).toBeNull()
    expect(server.seen).toEqual([])
  })

  it('redirects if the session has ended, and this process refuses its tokens', async () => {
    const { auth, server, codeOf } = await start()
    server.answers[profile] = () => problemResponse('session_ended')
    expect(await codeOf()).toBe('accepted')
    expect(await endOf(auth.user())).toBe('NEXT_REDIRECT;replace;/login;307;')
    expect(await codeOf()).toBe('session_ended')
  })

  it.each(['token_invalid', 'token_stale', 'unavailable', 'internal_error', 'forbidden'] as const)(
    'throws for %s of the auth server, and signs nobody out',
    async (code) => {
      const { auth, server, codeOf } = await start()
      server.answers[profile] = () => problemResponse(code)
      await expect(auth.user()).rejects.toMatchObject({
        name: 'SessionUnavailableError',
        code: 'unavailable',
      })
      expect(await codeOf()).toBe('accepted')
    },
  )
})
