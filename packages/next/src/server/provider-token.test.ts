import { type ErrorCode, problemResponse } from '@sallyport/protocol'
import { describe, expect, it } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { createHandlers } from './handlers.ts'
import { createProviderToken } from './provider-token.ts'

const path = '/api/auth/providers/token'
const line = `POST ${path}`
const stored = { accessToken: 'token of acme', expiresAt: 1_800_000_000_000, scopes: ['files'] }

async function start({ isSignedIn = true }: { isSignedIn?: boolean } = {}) {
  const { server, runtime } = startAuthServer()
  const accessToken = server.accessToken()
  const principal = await runtime.verifier.verify(accessToken)
  const session = { kind: 'signedIn' as const, principal, accessToken, changes: [] }
  const browser = { address: null, userAgent: null, requestId: null, device: null }
  const own = { runtime, session, cookieHeader: null, browser, mayRenew: () => false }
  const refuse = () => Promise.resolve({ ok: false, problem: { code: 'token_missing' } } as never)
  const providerToken = createProviderToken({
    ask: async (what) => (isSignedIn ? (await what(own)).answer : refuse()),
    change: refuse,
    changeAsVisitor: refuse,
  })
  return { server, runtime, accessToken, providerToken }
}

describe('auth.providerToken', () => {
  it('asks the auth server as the user, with the credential of the front end', async () => {
    const { server, accessToken, providerToken } = await start()
    server.answers[line] = () => Response.json(stored)
    expect(await providerToken('acme')).toEqual(stored)
    expect(server.seen).toEqual([line])
    expect(server.bodies).toEqual(['{"provider":"acme"}'])
    expect(server.headers[0]?.get('authorization')).toBe(`Bearer ${accessToken}`)
    expect(server.headers[0]?.get('sallyport-frontend')).not.toBe('')
  })

  it('returns null without a session, and if there is no token', async () => {
    expect(await (await start({ isSignedIn: false })).providerToken('acme')).toBeNull()
    const { server, providerToken } = await start()
    server.answers[line] = () => problemResponse('provider_token_unavailable')
    expect(await providerToken('acme')).toBeNull()
  })

  it.each<ErrorCode>([
    'provider_failed',
    'too_many_requests',
    'unavailable',
    'not_found',
    'frontend_refused',
  ])('throws for %s, because it is not known whether there is a token', async (code) => {
    const { server, providerToken } = await start()
    server.answers[line] = () => problemResponse(code)
    // The credential of the app is wrong: a visitor cannot do anything about this.
    const expected = code === 'frontend_refused' ? 'unavailable' : code
    await expect(providerToken('acme')).rejects.toMatchObject({ name: 'ProviderTokenError', code: expected })
  })
})

describe('the routes for the browser', () => {
  it.each(['POST', 'GET'] as const)('%s does not return a token of a provider [O11]', async (method) => {
    const { server, runtime, accessToken } = await start()
    server.answers[line] = () => Response.json(stored)
    const cookie = `accessToken=${accessToken}; __Host-accessToken=${accessToken}`
    const origin = 'http://localhost:3000'
    for (const address of [path, `${path}/`, '/api/auth/providers/%74oken', '/api/auth//providers/token']) {
      const headers = { cookie, origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
      const body = method === 'POST' ? '{"provider":"acme"}' : null
      const answer = await createHandlers(() => runtime)[method](
        new Request(origin + address, { method, headers, body }),
      )
      expect(await answer.text()).not.toContain(stored.accessToken)
    }
    expect(server.seen).not.toContain(line)
  })
})
