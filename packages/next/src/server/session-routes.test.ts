import { describe, expect, it, vi } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { openPage } from '../testing/open-page.ts'

function start() {
  const { server, runtime, codeOf } = startAuthServer()
  const before = server.accessToken()
  const { ask, jar } = openPage(runtime, { accessToken: before, refreshToken: 'refresh-0' })
  return { server, runtime, ask, before, codeOf, jar }
}

describe('GET sessions', () => {
  it('lists the caller’s sessions, without tokens and without caching', async () => {
    const { ask } = start()
    const { status, body, headers } = await ask('GET', 'sessions')
    expect(status).toBe(200)
    expect(headers.get('cache-control')).toBe('private, no-store')
    expect(body).toMatchObject({ sessions: [{ id: 's-here', current: true }, { id: 's-phone' }] })
    expect(JSON.stringify(body)).not.toMatch(/eyJ|refresh-/)
  })

  it('returns two hundred sessions with the longest user agents', async () => {
    const { server, ask } = start()
    server.userAgent = '"'.repeat(512)
    for (let index = 0; index < 198; index++) server.owners.set(crypto.randomUUID(), 'u-1')
    expect((await ask('GET', 'sessions')).body).toMatchObject({ sessions: { length: 200 } })
  })

  it('renews a stale token, and requests the list again', async () => {
    const { server, ask, jar } = start()
    server.version = 2
    const { status, set } = await ask('GET', 'sessions')
    expect(status).toBe(200)
    expect(set).toEqual(['accessToken', 'refreshToken'])
    expect(jar().refreshToken).toBe('refresh-1')
    expect(server.seen).toEqual([
      'GET /api/auth/sessions',
      'POST /api/auth/refresh',
      'GET /api/auth/sessions',
    ])
  })

  it('clears the cookies of an ended session, but not during an outage', async () => {
    const outage = start()
    outage.server.interrupt = { before: 'GET', code: 'lost' }
    expect(await outage.ask('GET', 'sessions')).toMatchObject({ status: 503, set: [] })

    const ended = start()
    ended.server.owners.delete('s-here')
    expect(await ended.ask('GET', 'sessions')).toMatchObject({ status: 401, body: { code: 'session_ended' } })
    expect(ended.jar()).toEqual({})
    expect(await ended.codeOf(ended.before)).toBe('session_ended')
  })
})

describe('DELETE sessions/:id', () => {
  it('ends a session, and this process refuses its tokens immediately', async () => {
    const { server, ask, codeOf, before } = start()
    const phone = server.accessToken('s-phone')
    expect(await codeOf(phone)).toBe('accepted')
    expect(await ask('DELETE', 'sessions/s-phone')).toMatchObject({ status: 204, set: [] })
    expect(await codeOf(phone)).toBe('session_ended')
    expect(await codeOf(before)).toBe('accepted')
  })

  it('responds with 404 for another user’s session, whose tokens stay valid', async () => {
    const { server, ask, codeOf } = start()
    expect(await ask('DELETE', 'sessions/s-other')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    expect(server.owners.has('s-other')).toBe(true)
    expect(await codeOf(server.accessToken('s-other'))).toBe('accepted')
  })

  it('ends the current session and clears the cookies', async () => {
    const { ask, jar } = start()
    expect(await ask('DELETE', 'sessions/s-here')).toMatchObject({ status: 204 })
    expect(jar()).toEqual({})
  })

  it.each(['', '..%2flogout', 'a/b', '%2e%2e', 'x%3fexcept=current', 'a'.repeat(256)])(
    'refuses the id %j, and sends no request',
    async (id) => {
      const { server, ask } = start()
      expect(await ask('DELETE', `sessions/${id}`)).toMatchObject({ status: 404 })
      expect(server.seen).toEqual([])
    },
  )
})

describe('DELETE sessions', () => {
  it('ends the others with ?except=current, and renews the current one first', async () => {
    const { server, ask, codeOf, before, jar } = start()
    const phone = server.accessToken('s-phone')
    expect(await ask('DELETE', 'sessions?except=current')).toMatchObject({ status: 200, body: { ended: 1 } })
    expect([...server.owners.keys()]).toEqual(['s-here', 's-other'])
    expect(await codeOf(phone)).toBe('token_stale')
    expect(await codeOf(before)).toBe('token_stale')
    expect(await codeOf(jar().accessToken ?? '')).toBe('accepted')
    expect(await codeOf(server.accessToken('s-other', 1))).toBe('accepted')
    server.seen.length = 0
    expect((await ask('GET', 'sessions')).status).toBe(200)
    expect(server.seen).toEqual(['GET /api/auth/sessions'])
  })

  it('does not use the result of a refresh that began earlier', async () => {
    const { server, runtime, ask, codeOf, jar } = start()
    await runtime.refresh('refresh-0', { address: null, userAgent: null, requestId: null, device: null })
    await ask('DELETE', 'sessions?except=current')
    expect(server.seen.filter((line) => line.endsWith('/refresh'))).toHaveLength(2)
    expect(await codeOf(jar().accessToken ?? '')).toBe('accepted')
  })

  it('ends the others without signing out if new tokens are not available', async () => {
    const { server, ask, jar } = start()
    server.interrupt = { before: 'POST /api/auth/refresh', code: 'lost' }
    expect(await ask('DELETE', 'sessions?except=current')).toMatchObject({ status: 200, set: [] })
    expect((await ask('GET', 'sessions')).status).toBe(200)
    expect(jar().refreshToken).toBe('refresh-1')
  })

  it('reports a lost response, and succeeds at the next try', async () => {
    const { server, ask } = start()
    server.interrupt = { before: 'DELETE', code: 'done but lost' }
    expect(await ask('DELETE', 'sessions?except=current')).toMatchObject({ status: 503 })
    expect(await ask('DELETE', 'sessions?except=current')).toMatchObject({ status: 200, body: { ended: 0 } })
  })

  it('ends all sessions without a query, including the current one', async () => {
    const { server, ask, codeOf, before, jar } = start()
    const phone = server.accessToken('s-phone')
    expect(await ask('DELETE', 'sessions')).toMatchObject({ status: 200, body: { ended: 2 } })
    expect(jar()).toEqual({})
    expect(await codeOf(before)).toBe('session_ended')
    expect(await codeOf(phone)).toBe('token_stale')
  })

  it('changes nothing if the auth server cannot be reached', async () => {
    const { server, ask, codeOf, before, jar } = start()
    server.interrupt = { before: 'DELETE', code: 'lost' }
    expect(await ask('DELETE', 'sessions')).toMatchObject({ status: 503, set: [] })
    expect(jar().accessToken).toBe(before)
    expect(await codeOf(before)).toBe('accepted')
  })

  it.each(['?except=curent', '?except=current&x', '?all', '?Except=current'])(
    'ends no session for the misspelt query %s',
    async (query) => {
      const { server, ask } = start()
      expect(await ask('DELETE', `sessions${query}`)).toMatchObject({
        status: 400,
        body: { errors: [{ field: 'except' }] },
      })
      expect(server.seen).toEqual([])
    },
  )
})

describe('POST password/change', () => {
  const body = '{"currentPassword":"old","newPassword":"new and long enough"}'

  it('forwards the body unchanged, and sets new tokens', async () => {
    const { server, ask, codeOf, before, jar } = start()
    expect(await ask('POST', 'password/change', { body })).toMatchObject({ status: 204 })
    expect(server.bodies[0]).toBe(body)
    expect(await codeOf(before)).toBe('token_stale')
    expect(await codeOf(jar().accessToken ?? '')).toBe('accepted')
  })

  it('changes no cookie if it is refused', async () => {
    const { server, ask, codeOf, before } = start()
    server.interrupt = { before: 'POST /api/auth/password', code: 'invalid_request' }
    expect(await ask('POST', 'password/change', { body })).toMatchObject({ status: 400, set: [] })
    expect(await codeOf(before)).toBe('accepted')
  })

  it('accepts only JSON of limited size', async () => {
    const { server, ask } = start()
    const form = { body, headers: { 'content-type': 'text/plain' } }
    expect(await ask('POST', 'password/change', form)).toMatchObject({ status: 415 })
    const long = { body: JSON.stringify('x'.repeat(20_000)) }
    expect(await ask('POST', 'password/change', long)).toMatchObject({ status: 413 })
    expect(server.seen).toEqual([])
  })
})

describe('which callers are accepted', () => {
  const changes = [
    ['DELETE', 'sessions'],
    ['DELETE', 'sessions?except=current'],
    ['DELETE', 'sessions/s-phone'],
    ['POST', 'password/change'],
  ] as const

  it.each(changes)('refuses %s %s from another site before any call [C06]', async (method, path) => {
    const { server, ask } = start()
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect(await ask(method, path, { headers })).toMatchObject({ status: 403, set: [] })
    expect(server.seen).toEqual([])
  })

  it.each([['GET', 'sessions'] as const, ...changes])(
    'responds with 401 to %s %s without a session',
    async (method, path) => {
      const { server, ask } = start()
      const init = { headers: { cookie: '' }, ...(method === 'POST' && { body: '{}' }) }
      expect(await ask(method, path, init)).toMatchObject({ status: 401, body: { code: 'token_missing' } })
      expect(server.seen).toEqual([])
    },
  )

  it('responds with 405 to other methods', async () => {
    const { ask } = start()
    expect((await ask('POST', 'sessions', { body: '{}' })).headers.get('allow')).toBe('GET, DELETE')
    expect((await ask('GET', 'sessions/s-phone')).headers.get('allow')).toBe('DELETE')
    expect((await ask('GET', 'password/change')).headers.get('allow')).toBe('POST')
  })
})

it('logs once if the settings for several origins do not match', async () => {
  const complained = vi.spyOn(console, 'error').mockImplementation(() => {})
  try {
    const { server, runtime } = startAuthServer({ app: ['http://localhost:3000', 'http://*.localhost:3000'] })
    server.audience = 'another'
    for (const [at, host] of ['localhost:3000', 'a.localhost:3000', 'a.localhost:3000'].entries()) {
      const { ask } = openPage(runtime, { refreshToken: `refresh-${at}` })
      expect((await ask('GET', 'session', { headers: { host } })).status).toBe(503)
    }
    const told = complained.mock.calls.filter(([line]) => /the Next app refuses a token/.test(line))
    expect(told).toHaveLength(1)
  } finally {
    complained.mockRestore()
  }
})
