import { problemResponse } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, it } from 'vitest'
import { startAuthServer } from '../testing/auth-server.ts'
import { testCredentials } from '../testing/credentials.ts'
import { openPage } from '../testing/open-page.ts'

const user = {
  id: 'u-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: ['member'],
  emailVerified: true,
  createdAt: 0,
}

function start({ signedIn = true } = {}) {
  const { server, runtime, codeOf } = startAuthServer()
  const before = server.accessToken()
  const { ask, jar } = openPage(runtime, signedIn ? { accessToken: before, refreshToken: 'refresh-0' } : {})
  /** What the auth server answers to one line, such as `POST reauthenticate`. */
  const answers = (method: string, path: string, answer: () => Response) => {
    server.answers[`${method} ${path.startsWith('/') ? path : `/api/auth/${path}`}`] = answer
  }
  const newTokens = () => ({ accessToken: server.accessToken(), refreshToken: 'refresh-new', expiresIn: 600 })
  return { server, runtime, ask, before, codeOf, jar, answers, newTokens }
}

const done = () => new Response(null, { status: 204 })
const accepted = () => Response.json({ status: 'accepted' }, { status: 202 })

const withoutSession = [
  ['POST', 'password/forgot', accepted, 202],
  ['POST', 'email/verification', accepted, 202],
  ['POST', 'password/reset', done, 204],
] as const
const asVisitor = [['POST', 'email/change/confirm', done, 204]] as const
const asUser = [
  ['POST', 'email/change', accepted, 202],
  ['POST', 'reauthenticate', done, 204],
  ['DELETE', '/api/user/profile', () => Response.json({ deleteAt: 7 }, { status: 202 }), 202],
  ['PATCH', '/api/user/profile', () => Response.json({ user }), 200],
] as const
const reads = [
  ['GET', '/api/user/activity', () => Response.json({ activity: [] }), 200],
  ['GET', '/api/user/data', () => Response.json({ user }), 200],
  ['GET', '/api/user/profile', () => Response.json({ user }), 200],
] as const
const changes = [...withoutSession, ...asVisitor, ...asUser, ['POST', 'email/verify', accepted, 200] as const]

describe.each([...withoutSession, ...asVisitor, ...asUser])('%s %s', (method, path, answer, status) => {
  it('forwards the body unchanged, and responds without a token', async () => {
    const { server, ask, answers } = start()
    answers(method, path, answer)
    const body = '{"email":"a@example.com","email":"b@example.com"}'
    const answered = await ask(method, path, { body })
    expect(answered.status).toBe(status)
    expect(server.bodies[0]).toBe(body)
    expect(answered.headers.get('cache-control')).toBe('private, no-store')
    expect(JSON.stringify(answered.body)).not.toMatch(/eyJ|refresh-/)
  })

  it('forwards an error unchanged, and signs nobody out', async () => {
    const { ask, answers, before, codeOf } = start()
    const errors = [{ field: 'password', message: 'This is not your password.' }]
    answers(method, path, () => problemResponse('invalid_request', { errors }))
    expect(await ask(method, path, { body: '{}' })).toMatchObject({ status: 400, body: { errors }, set: [] })
    expect(await codeOf(before)).toBe('accepted')
  })

  it('accepts only JSON of limited size', async () => {
    const { server, ask } = start()
    const form = { body: '{}', headers: { 'content-type': 'text/plain' } }
    expect(await ask(method, path, form)).toMatchObject({ status: 415 })
    expect(await ask(method, path, { body: JSON.stringify('x'.repeat(20_000)) })).toMatchObject({
      status: 413,
    })
    expect(server.seen).toEqual([])
  })
})

describe('which callers are accepted', () => {
  it.each(changes)('refuses %s %s from another site before any call [C06, C09]', async (method, path) => {
    const { server, ask } = start()
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
    ])
      expect(await ask(method, path, { headers, body: '{}' })).toMatchObject({ status: 403, set: [] })
    expect(server.seen).toEqual([])
  })

  it.each([...asUser, ...reads])('responds with 401 to %s %s without a session', async (method, path) => {
    const { server, ask } = start({ signedIn: false })
    const init = method === 'GET' ? {} : { body: '{}' }
    expect(await ask(method, path, init)).toMatchObject({ status: 401, body: { code: 'token_missing' } })
    expect(server.seen).toEqual([])
  })

  it.each(withoutSession)('sends no token to the auth server for %s %s', async (method, path, answer) => {
    const { server, ask, answers } = start()
    answers(method, path, answer)
    await ask(method, path, { body: '{}' })
    expect(server.headers[0]?.has('authorization')).toBe(false)
  })

  it.each([
    ['POST', 'password/forgot', 'POST'],
    ['POST', 'email/verify', 'POST'],
    ['GET', '/api/user/data', 'GET'],
    ['DELETE', '/api/user/profile', 'GET, PATCH, DELETE'],
  ] as const)('responds with 405 to other methods than %s on %s', async (method, path, allow) => {
    const { ask } = start()
    const other = method === 'POST' ? 'DELETE' : 'POST'
    const answered = await ask(other, path, { body: '{}' })
    expect(answered.status).toBe(405)
    expect(answered.headers.get('allow')).toBe(allow)
  })
})

describe('Retry-After [A07]', () => {
  const tooMany = () => problemResponse('too_many_requests', {}, { 'retry-after': '37' })

  it.each(changes)('%s %s forwards it from the auth server', async (method, path) => {
    const { ask, answers } = start()
    answers(method, path, tooMany)
    const answered = await ask(method, path, { body: '{}' })
    expect(answered).toMatchObject({ status: 429, body: { code: 'too_many_requests' }, set: [] })
    expect(answered.headers.get('retry-after')).toBe('37')
  })

  it.each(['login', 'register'])('POST %s forwards it, too', async (path) => {
    const { ask, answers } = start()
    answers('POST', path, tooMany)
    expect((await ask('POST', path, { body: '{}' })).headers.get('retry-after')).toBe('37')
  })

  it.each(['soon', '-1', '1e3', 'Wed, 21 Oct 2026 07:28:00 GMT', ''])(
    'replaces an invalid value such as %j by two seconds',
    async (header) => {
      const { ask, answers } = start()
      answers('POST', 'login', () => problemResponse('too_many_requests', {}, { 'retry-after': header }))
      expect((await ask('POST', 'login', { body: '{}' })).headers.get('retry-after')).toBe('2')
    },
  )
})

describe('POST register', () => {
  it('signs nobody in before verification, and keeps the browser’s session', async () => {
    const { server, ask, answers, jar, before } = start()
    answers('POST', 'register', () => Response.json({ status: 'mailed' }, { status: 202 }))
    expect(await ask('POST', 'register', { body: '{}' })).toMatchObject({
      status: 202,
      body: { status: 'mailed' },
      set: [],
    })
    expect(server.seen).toEqual(['POST /api/auth/register'])
    expect(jar().accessToken).toBe(before)
  })
})

describe('POST email/verify', () => {
  const body = '{"token":"secret","password":"open the second door"}'

  it('signs in, and returns no token to scripts', async () => {
    const { server, ask, answers, newTokens, jar } = start({ signedIn: false })
    answers('POST', 'email/verify', () => Response.json({ user, ...newTokens() }))
    const answered = await ask('POST', 'email/verify', { body })
    expect(answered).toMatchObject({ status: 200, body: { user }, set: ['accessToken', 'refreshToken'] })
    expect(JSON.stringify(answered.body)).not.toMatch(/eyJ|refresh-/)
    expect(jar().refreshToken).toBe('refresh-new')
    expect(server.bodies[0]).toBe(`{"transport":"bearer",${body.slice(1)}`)
    expect(server.headers[0]?.has('authorization')).toBe(false)
  })

  it('ends another user’s session of this browser [ASVS 7.2.4]', async () => {
    const { server, ask, answers, newTokens, jar } = start()
    answers('POST', 'email/verify', () => Response.json({ user, ...newTokens() }))
    await ask('POST', 'email/verify', { body })
    // In one call: the auth server ends it with the new one.
    expect(server.seen).toEqual(['POST /api/auth/email/verify'])
    expect(JSON.parse(server.bodies[0] ?? '')).toMatchObject({ transport: 'bearer', replaces: 'refresh-0' })
    expect(jar().refreshToken).toBe('refresh-new')
  })

  it('keeps the session of the same user, with new tokens', async () => {
    const { server, ask, answers, codeOf, before, jar } = start()
    answers('POST', 'email/verify', () => {
      server.version += 1
      return Response.json({ user })
    })
    expect(await ask('POST', 'email/verify', { body: '{"token":"secret"}' })).toMatchObject({
      status: 200,
      body: { user },
    })
    expect(server.headers[0]?.get('authorization')).toBe(`Bearer ${before}`)
    expect(server.seen).toEqual(['POST /api/auth/email/verify', 'POST /api/auth/refresh'])
    expect(await codeOf(before)).toBe('token_stale')
    expect(await codeOf(jar().accessToken ?? '')).toBe('accepted')
  })

  it('accepts the link if the session has ended', async () => {
    const { server, ask, answers, newTokens, jar } = start()
    answers('POST', 'email/verify', () =>
      server.headers.at(-1)?.has('authorization')
        ? problemResponse('session_ended')
        : Response.json({ user, ...newTokens() }),
    )
    expect(await ask('POST', 'email/verify', { body })).toMatchObject({ status: 200, body: { user } })
    expect(server.seen).toEqual(['POST /api/auth/email/verify', 'POST /api/auth/email/verify'])
    expect(jar().refreshToken).toBe('refresh-new')
  })

  it('accepts the link if the session ends while its token is renewed', async () => {
    const { server, ask, answers, newTokens, jar } = start()
    server.version = 2
    server.owners.delete('s-here')
    answers('POST', 'email/verify', () => Response.json({ user, ...newTokens() }))
    server.owners.set('s-new', 'u-1')
    expect(await ask('POST', 'email/verify', { body })).toMatchObject({ status: 200 })
    expect(server.seen).toEqual([
      'POST /api/auth/email/verify',
      'POST /api/auth/refresh',
      'POST /api/auth/email/verify',
    ])
    expect(jar().refreshToken).toBe('refresh-new')
  })

  it('sets and clears no cookie if nobody is signed in here', async () => {
    const { ask, answers, jar } = start({ signedIn: false })
    answers('POST', 'email/verify', () => Response.json({ user }))
    expect(await ask('POST', 'email/verify', { body })).toMatchObject({
      status: 200,
      body: { user },
      set: [],
    })
    expect(jar()).toEqual({})
  })

  it('signs nobody out for an invalid link, and sends it once', async () => {
    const { server, ask, answers, jar, before } = start()
    answers('POST', 'email/verify', () => problemResponse('link_invalid'))
    expect(await ask('POST', 'email/verify', { body })).toMatchObject({
      status: 400,
      body: { code: 'link_invalid' },
      set: [],
    })
    expect(server.seen).toEqual(['POST /api/auth/email/verify'])
    expect(jar().accessToken).toBe(before)
  })
})

describe('POST email/change/confirm', () => {
  const path = 'email/change/confirm'
  const body = '{"token":"secret"}'

  it('sends the user’s session, and does not change it', async () => {
    const { server, ask, answers, jar, before } = start()
    answers('POST', path, done)
    expect(await ask('POST', path, { body })).toMatchObject({ status: 204, set: [] })
    expect(server.headers[0]?.get('authorization')).toBe(`Bearer ${before}`)
    expect(jar().accessToken).toBe(before)
  })

  it('sends no user without a session, and signs nobody in', async () => {
    const { server, ask, answers } = start({ signedIn: false })
    answers('POST', path, done)
    expect(await ask('POST', path, { body })).toMatchObject({ status: 204, set: [] })
    expect(server.headers[0]?.has('authorization')).toBe(false)
  })

  it('does not repeat other errors or a success without the session', async () => {
    for (const answer of [
      done,
      () => problemResponse('link_invalid'),
      () => problemResponse('unavailable'),
    ]) {
      const { server, ask, answers } = start()
      answers('POST', path, answer)
      await ask('POST', path, { body })
      expect(server.seen).toEqual([`POST /api/auth/${path}`])
    }
  })

  it('requires the password if the session has ended, and keeps the link valid', async () => {
    const { server, ask, answers } = start()
    const errors = [{ field: 'password', message: 'Enter the password of the account that asked.' }]
    answers('POST', path, () =>
      server.headers.at(-1)?.has('authorization')
        ? problemResponse('session_ended')
        : problemResponse('invalid_request', { errors }),
    )
    expect(await ask('POST', path, { body })).toMatchObject({ status: 400, body: { errors } })
    expect(server.seen).toEqual([`POST /api/auth/${path}`, `POST /api/auth/${path}`])
  })
})

describe('POST reauthenticate', () => {
  it('returns tokens with the new time, and older tokens stay valid', async () => {
    const { server, ask, answers, codeOf, before, jar } = start()
    answers('POST', 'reauthenticate', done)
    expect(await ask('POST', 'reauthenticate', { body: '{"password":"p"}' })).toMatchObject({
      status: 204,
      set: ['accessToken', 'refreshToken'],
    })
    expect(server.seen).toEqual(['POST /api/auth/reauthenticate', 'POST /api/auth/refresh'])
    expect(jar().accessToken).not.toBe(before)
    expect(await codeOf(before)).toBe('accepted')
  })

  it('does not use the result of an earlier refresh', async () => {
    const { server, runtime, ask, answers } = start()
    const browser = { address: null, userAgent: null, requestId: null, device: null }
    await runtime.refresh('refresh-0', browser)
    answers('POST', 'reauthenticate', done)
    await ask('POST', 'reauthenticate', { body: '{}' })
    expect(server.seen.filter((line) => line.endsWith('/refresh'))).toHaveLength(2)
  })

  it('succeeds without signing out if the new tokens are not available', async () => {
    const { server, ask, answers, jar, before } = start()
    answers('POST', 'reauthenticate', done)
    server.interrupt = { before: 'POST /api/auth/refresh', code: 'lost' }
    expect(await ask('POST', 'reauthenticate', { body: '{}' })).toMatchObject({ status: 204, set: [] })
    expect(jar().accessToken).toBe(before)
  })
})

describe('DELETE user/profile', () => {
  it('clears the cookies, and this process refuses all the user’s tokens', async () => {
    const { server, ask, answers, codeOf, before, jar } = start()
    const phone = server.accessToken('s-phone')
    answers('DELETE', '/api/user/profile', () => Response.json({ deleteAt: 1_234 }, { status: 202 }))
    expect(await ask('DELETE', '/api/user/profile', { body: '{"password":"p"}' })).toMatchObject({
      status: 202,
      body: { deleteAt: 1_234 },
    })
    expect(jar()).toEqual({})
    expect(await codeOf(before)).toBe('session_ended')
    expect(await codeOf(phone)).toBe('token_stale')
    expect(await codeOf(server.accessToken('s-other', 1))).toBe('accepted')
  })

  it('keeps the session if the response is lost', async () => {
    const { server, ask, jar, before } = start()
    server.interrupt = { before: 'DELETE', code: 'lost' }
    expect(await ask('DELETE', '/api/user/profile', { body: '{}' })).toMatchObject({ status: 503, set: [] })
    expect(jar().accessToken).toBe(before)
  })
})

describe('GET user/data', () => {
  it('is a download of any length that is not cached', async () => {
    const { ask, answers } = start()
    const activity = Array.from({ length: 10_000 }, () => ({ userAgent: '"'.repeat(512) }))
    answers('GET', '/api/user/data', () => Response.json({ user, activity }))
    const { status, body, headers } = await ask('GET', '/api/user/data')
    expect(status).toBe(200)
    expect(body).toMatchObject({ user, activity: { length: 10_000 } })
    expect(headers.get('content-disposition')).toBe('attachment; filename="my-data.json"')
    expect(headers.get('cache-control')).toBe('private, no-store')
  })

  it('requires a recent password confirmation [ASVS 7.5.1]', async () => {
    const { ask, answers, jar, before } = start()
    answers('GET', '/api/user/data', () => problemResponse('insufficient_user_authentication'))
    const { status, body, headers } = await ask('GET', '/api/user/data')
    expect(status).toBe(401)
    expect(body).toMatchObject({ code: 'insufficient_user_authentication' })
    expect(headers.has('content-disposition')).toBe(false)
    expect(jar().accessToken).toBe(before)
  })
})

describe('GET user/activity', () => {
  it('lists the audit events of the caller', async () => {
    const { ask, answers } = start()
    const line = { id: 'e-1', at: 1, action: 'sign_in', result: 'success', address: null, userAgent: 'agent' }
    answers('GET', '/api/user/activity', () => Response.json({ activity: [line] }))
    expect(await ask('GET', '/api/user/activity')).toMatchObject({ status: 200, body: { activity: [line] } })
  })
})

describe('the auth server logs the browser, not the Next server', () => {
  const methods = ['GET', 'POST', 'PATCH', 'DELETE'] as const
  const addresses = [...Object.values(paths), `${paths.listSessions}/s-phone`]
  const sent = {
    'x-forwarded-for': '198.51.100.7',
    'user-agent': 'Firefox/150',
    'x-request-id': 'request-0001',
  }
  const jar = { refreshToken: 'refresh-0', sallyport_device: 'device-1' }

  it('every route sends the browser’s address, user agent, device and request id', async () => {
    const calls: string[] = []
    // A session that is good, and one that is to be renewed first.
    for (const accessToken of ['good', ''])
      for (const path of addresses)
        for (const method of methods) {
          const { server, runtime } = start()
          const { ask } = openPage(runtime, { ...jar, accessToken: accessToken && server.accessToken() })
          const init = method === 'GET' ? {} : { body: '{}' }
          await ask(method, path, { ...init, headers: sent })
          for (const [at, headers] of server.headers.entries()) {
            calls.push(`${server.seen[at]}`)
            expect(Object.fromEntries(headers), `${method} ${path}: ${server.seen[at]}`).toMatchObject({
              'sallyport-frontend': testCredentials.frontendSecret,
              'sallyport-client-address': '198.51.100.7',
              'sallyport-client-user-agent': 'Firefox/150',
              'sallyport-device': 'device-1',
              'x-request-id': 'request-0001',
            })
          }
        }
    expect(calls).toEqual(
      expect.arrayContaining([
        `PATCH ${paths.readProfile}`,
        `GET ${paths.readProfile}`,
        `DELETE ${paths.readProfile}`,
        `POST ${paths.refresh}`,
        `POST ${paths.signOut}`,
        `DELETE ${paths.listSessions}/s-phone`,
        `POST ${paths.changePassword}`,
        `GET ${paths.downloadData}`,
      ]),
    )
  })
})
