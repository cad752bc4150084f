import { problemResponse } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { readConfig } from '../config/config.ts'
import { testCredentials } from '../testing/credentials.ts'
import { createAuthServerClient } from './auth-server-client.ts'

const ours = { server: 'http://localhost:4000', audience: 'web', app: 'http://localhost:3000' }
const somebody = { address: '192.0.2.7', userAgent: 'Firefox', requestId: 'request-1', device: 'device-1' }
const nobody = { address: null, userAgent: null, requestId: null, device: null }
const user = {
  id: 'u-1',
  email: 'ada@example.com',
  name: 'Ada',
  roles: [],
  emailVerified: true,
  createdAt: 0,
}
const tokens = { accessToken: 'a.b.c', refreshToken: 'r', expiresIn: 600 }
afterEach(() => vi.restoreAllMocks())

type Answer = Response | Error

/** The auth server's front end, and what the server answers to one request after another. */
function start(answers: Answer | Answer[], options: object = testCredentials) {
  const requests: (RequestInit & { url: string; headers: Headers })[] = []
  const list = [answers].flat()
  const client = createAuthServerClient(readConfig({ ...ours, ...options }, {}), async (url, init) => {
    requests.push({ ...init, url: String(url), headers: new Headers(init?.headers) })
    const answer = list[requests.length - 1] ?? list.at(-1)
    if (answer === undefined || answer instanceof Error) throw answer
    return copyOf(answer)
  })
  return { client, requests }
}

const bodies = new WeakMap<Response, ArrayBuffer>()
/** The same answer again: of a clone that nobody reads, a half-read other one would never end. */
async function copyOf(answer: Response): Promise<Response> {
  const body = bodies.get(answer) ?? (await answer.arrayBuffer())
  bodies.set(answer, body)
  return new Response(answer.body === null ? null : body, answer)
}
const codeOf = (answer: { ok: boolean; problem?: { code: string } }) => answer.problem?.code ?? answer.ok

describe('requests to the auth server', () => {
  it('send the browser’s details with our credential, and are not cached', async () => {
    const { client, requests } = start(Response.json({ user }))
    await client.call('updateProfile', { json: '{"name":"Ada"}', accessToken: 'token' }, somebody)
    expect(requests[0]).toMatchObject({
      url: `http://localhost:4000${paths.readProfile}`,
      method: 'PATCH',
      body: '{"name":"Ada"}',
      cache: 'no-store',
      redirect: 'manual',
    })
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      authorization: 'Bearer token',
      'sallyport-frontend': testCredentials.frontendSecret,
      'sallyport-client-address': '192.0.2.7',
      'sallyport-client-user-agent': 'Firefox',
      'sallyport-device': 'device-1',
      'x-request-id': 'request-1',
    })
  })

  it('send no headers for unknown details', async () => {
    const { client, requests } = start(Response.json({ mails: [] }))
    await client.call('inbox', {}, nobody)
    expect(requests[0]).toMatchObject({ method: 'GET', body: null })
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual({
      accept: 'application/json',
      'sallyport-frontend': testCredentials.frontendSecret,
    })
  })

  it('send no details of the browser without our credential', async () => {
    const { client, requests } = start(Response.json({ user }), {})
    await client.call('readProfile', { accessToken: 'token' }, somebody)
    expect(Object.fromEntries(requests[0]?.headers ?? [])).toEqual({
      accept: 'application/json',
      authorization: 'Bearer token',
      'x-request-id': 'request-1',
    })
  })

  it.each([
    ['{}', '{"transport":"bearer"}'],
    [' { } ', ' {"transport":"bearer" } '],
    ['{"email":"a"}', '{"transport":"bearer","email":"a"}'],
    ['{"transport":"cookie"}', '{"transport":"bearer","transport":"cookie"}'],
    ['[{"a":1}]', '[{"a":1}]'],
    ['', ''],
  ])('add only the token transport to the body of a sign-in: %j', async (json, sent) => {
    const { client, requests } = start(problemResponse('invalid_request'))
    await client.begin('signIn', { json: json, replaces: null }, nobody)
    await client.begin('signUp', { json: json, replaces: null }, nobody)
    await client.begin('verifyAddress', { json: json, accessToken: null, replaces: null }, nobody)
    expect(requests.map(({ body }) => body)).toEqual([sent, sent, sent])
    expect(requests.some(({ headers }) => headers.has('authorization'))).toBe(false)
  })

  it('send the replaced session, unless its cookie is not a valid refresh token', async () => {
    const { client, requests } = start(problemResponse('invalid_request'))
    for (const replaces of ['token"of-before', 'x'.repeat(512), 'x'.repeat(513), ''])
      await client.begin('signIn', { json: '{"email":"a"}', replaces }, nobody)
    expect(requests.map(({ body }) => body)).toEqual([
      '{"transport":"bearer","replaces":"token\\"of-before","email":"a"}',
      `{"transport":"bearer","replaces":"${'x'.repeat(512)}","email":"a"}`,
      '{"transport":"bearer","email":"a"}',
      '{"transport":"bearer","email":"a"}',
    ])
  })

  it('go to the right path, with the user’s token', async () => {
    const { client, requests } = start(problemResponse('invalid_request'))
    await client.begin('signIn', { json: '{}', replaces: null }, nobody)
    await client.begin('signUp', { json: '{}', replaces: null }, nobody)
    await client.begin('verifyAddress', { json: '{}', accessToken: 't', replaces: null }, nobody)
    await client.refresh('r', nobody)
    await client.signOut('r', nobody)
    await client.call('readProfile', { accessToken: 't' }, nobody)
    await client.call('updateProfile', { json: '{}', accessToken: 't' }, nobody)
    await client.call('listSessions', { accessToken: 't' }, nobody)
    await client.call('endSession', { parameters: { id: 's' }, accessToken: 't' }, nobody)
    await client.call('endSessions', { query: { except: 'current' }, accessToken: 't' }, nobody)
    await client.call('endSessions', { accessToken: 't' }, nobody)
    await client.call('changePassword', { json: '{}', accessToken: 't' }, nobody)
    await client.call('forgotPassword', { json: '{}' }, nobody)
    await client.call('resetPassword', { json: '{}' }, nobody)
    await client.call('resendVerification', { json: '{}' }, nobody)
    await client.call('changeAddress', { json: '{}', accessToken: 't' }, nobody)
    await client.call('confirmAddress', { json: '{}', accessToken: 't' }, nobody)
    await client.call('confirmAddress', { json: '{}', accessToken: null }, nobody)
    await client.call('reauthenticate', { json: '{}', accessToken: 't' }, nobody)
    await client.call('listActivity', { accessToken: 't' }, nobody)
    await client.call('downloadData', { accessToken: 't' }, nobody)
    await client.call('deleteAccount', { json: '{}', accessToken: 't' }, nobody)
    await client.call('inbox', {}, nobody)
    const lines = requests.map(
      ({ method, url, headers, body }) =>
        `${method} ${url.replace('http://localhost:4000', '')}${headers.has('authorization') ? ' as a person' : ''} ${body ?? ''}`,
    )
    expect(lines).toEqual([
      `POST ${paths.signIn} {"transport":"bearer"}`,
      `POST ${paths.signUp} {"transport":"bearer"}`,
      `POST ${paths.verifyAddress} as a person {"transport":"bearer"}`,
      `POST ${paths.refresh} {"refreshToken":"r"}`,
      `POST ${paths.signOut} {"refreshToken":"r"}`,
      `GET ${paths.readProfile} as a person `,
      `PATCH ${paths.readProfile} as a person {}`,
      `GET ${paths.listSessions} as a person `,
      `DELETE ${paths.listSessions}/s as a person `,
      `DELETE ${paths.listSessions}?except=current as a person `,
      `DELETE ${paths.listSessions} as a person `,
      `POST ${paths.changePassword} as a person {}`,
      `POST ${paths.forgotPassword} {}`,
      `POST ${paths.resetPassword} {}`,
      `POST ${paths.resendVerification} {}`,
      `POST ${paths.changeAddress} as a person {}`,
      `POST ${paths.confirmAddress} as a person {}`,
      `POST ${paths.confirmAddress} {}`,
      `POST ${paths.reauthenticate} as a person {}`,
      `GET ${paths.listActivity} as a person `,
      `GET ${paths.downloadData} as a person `,
      `DELETE ${paths.readProfile} as a person {}`,
      `GET ${paths.inbox} `,
    ])
  })
})

describe('responses of the auth server', () => {
  it('reads the user, the tokens and the device value of a sign-in', async () => {
    const headers = { 'sallyport-device': 'device-2' }
    const { client } = start(Response.json({ user, ...tokens }, { headers }))
    const signedIn = { ok: true, user, tokens, device: 'device-2' }
    expect(await client.begin('signIn', { json: '{}', replaces: null }, nobody)).toEqual(signedIn)
    expect(await client.begin('signUp', { json: '{}', replaces: null }, nobody)).toEqual(signedIn)
    expect(
      await client.begin('verifyAddress', { json: '{}', accessToken: null, replaces: null }, nobody),
    ).toEqual(signedIn)
  })

  it.each<[string, Response]>([
    ['a user without tokens', Response.json({ user })],
    ['tokens without a user', Response.json(tokens)],
    ['both with a status that is no success', Response.json({ user, ...tokens }, { status: 302 })],
    ['nonsense', new Response('<html>')],
  ])('treats %s as neither a sign-in nor a refusal', async (_, answer) => {
    const { client } = start(answer)
    expect(codeOf(await client.begin('signIn', { json: '{}', replaces: null }, nobody))).toBe('unavailable')
  })

  it('accepts only 202 for a sign-up by mail', async () => {
    const body = { status: 'mailed' }
    for (const [status, expected] of [
      [202, true],
      [200, 'unavailable'],
      [400, 'unavailable'],
    ] as const)
      expect(
        codeOf(
          await start(Response.json(body, { status })).client.begin(
            'signUp',
            { json: '{}', replaces: null },
            nobody,
          ),
        ),
      ).toBe(expected)
    expect(
      codeOf(
        await start(Response.json({}, { status: 202 })).client.begin(
          'signUp',
          { json: '{}', replaces: null },
          nobody,
        ),
      ),
    ).toBe('unavailable')
  })

  it('accepts a confirmed address of a signed-in user', async () => {
    const { client } = start([Response.json({ user }), Response.json({ user }, { status: 404 })])
    expect(
      await client.begin('verifyAddress', { json: '{}', accessToken: 't', replaces: null }, nobody),
    ).toEqual({ ok: true, user, tokens: null })
    expect(
      codeOf(await client.begin('verifyAddress', { json: '{}', accessToken: 't', replaces: null }, nobody)),
    ).toBe('unavailable')
  })

  it('reads the tokens of a successful refresh', async () => {
    expect(await start(Response.json(tokens)).client.refresh('r', nobody)).toEqual({ ok: true, tokens })
    for (const answer of [
      Response.json(tokens, { status: 500 }),
      Response.json({ ...tokens, accessToken: 7 }),
      new Response(null, { status: 204 }),
    ])
      expect(codeOf(await start(answer).client.refresh('r', nobody))).toBe('unavailable')
  })

  it('accepts a sign-out with success, or with 401 if the session has ended', async () => {
    for (const [answer, expected] of [
      [new Response(null, { status: 204 }), true],
      [problemResponse('session_ended'), true],
      [new Response('<html>', { status: 401 }), true],
      [problemResponse('internal_error'), 'internal_error'],
      [new Error('down'), 'unavailable'],
    ] as const)
      expect(codeOf(await start(answer).client.signOut('r', nobody))).toBe(expected)
  })

  it('accepts a successful command with any body', async () => {
    expect(
      await start(new Response(null, { status: 204 })).client.call(
        'changePassword',
        { json: '{}', accessToken: 't' },
        nobody,
      ),
    ).toEqual({
      ok: true,
    })
    const refused = await start(problemResponse('forbidden')).client.call(
      'changePassword',
      { json: '{}', accessToken: 't' },
      nobody,
    )
    expect(codeOf(refused)).toBe('forbidden')
  })

  it('accepts only an object as data', async () => {
    expect(
      await start(Response.json({ a: 1 })).client.call('downloadData', { accessToken: 't' }, nobody),
    ).toEqual({
      ok: true,
      data: { a: 1 },
    })
    for (const answer of [Response.json(null), Response.json('a'), new Response('{')])
      expect(codeOf(await start(answer).client.call('downloadData', { accessToken: 't' }, nobody))).toBe(
        'unavailable',
      )
  })

  it.each<[string, Answer]>([
    ['no answer', new TypeError('fetch failed')],
    ['a page of a proxy', new Response('<html>', { status: 401 })],
    [
      'a problem with another status',
      Response.json({ ...problemOf('session_ended'), status: 401 }, { status: 502 }),
    ],
    ['a problem with a success', Response.json(problemOf('session_ended'), { status: 200 })],
    ['a problem that calls itself a success', Response.json({ ...problemOf('session_ended'), status: 200 })],
    ['a redirect', new Response(null, { status: 302, headers: { location: '/' } })],
    ['a body that is too long', problemWith({ padding: 'x'.repeat(512 * 1024) })],
  ])('%s does not end the session [R10]', async (_, answer) => {
    const refused = await start(answer).client.refresh('r', nobody)
    expect(codeOf(refused)).toBe('unavailable')
    expect(refused).toMatchObject({
      problem: { detail: expect.stringContaining('Your session was not ended') },
    })
  })

  it('throws for no network failure', async () => {
    const { client } = start(new Error('down'))
    const answers = [
      client.begin('signUp', { json: '{}', replaces: null }, nobody),
      client.begin('verifyAddress', { json: '{}', accessToken: 't', replaces: null }, nobody),
      client.call('readProfile', { accessToken: 't' }, nobody),
      client.call('changePassword', { json: '{}', accessToken: 't' }, nobody),
      client.call('forgotPassword', { json: '{}' }, nobody),
      client.call('downloadData', { accessToken: 't' }, nobody),
    ]
    for (const answer of await Promise.all(answers)) expect(codeOf(answer)).toBe('unavailable')
  })

  it('returns the server’s error with its Retry-After', async () => {
    const limited = (value: string) => problemResponse('too_many_requests', {}, { 'retry-after': value })
    for (const [value, seconds] of [
      ['37', { retryAfterSeconds: 37 }],
      ['1234567', { retryAfterSeconds: 1_234_567 }],
      ['12345678', {}],
      ['3.5', {}],
      ['x3', {}],
      ['3x', {}],
      ['', {}],
    ] as const) {
      const { client } = start(limited(value))
      const { problem, ...rest } = (await client.begin('signIn', { json: '{}', replaces: null }, nobody)) as {
        problem: { code: string }
      }
      expect(problem.code).toBe('too_many_requests')
      expect(rest).toEqual({ ok: false, ...seconds })
    }
    const { client } = start(problemResponse('invalid_credentials'))
    expect(await client.begin('signIn', { json: '{}', replaces: null }, nobody)).toEqual({
      ok: false,
      problem: expect.anything(),
    })
  })
})

describe('a long response', () => {
  const padded = (bytes: number) => `{"a":"${'x'.repeat(bytes - '{"a":""}'.length)}"}`
  const most = 16 * 1024 * 1024

  it('is accepted up to the maximum data of one user', async () => {
    expect(
      codeOf(
        await start(new Response(padded(most))).client.call('downloadData', { accessToken: 't' }, nobody),
      ),
    ).toBe(true)
    expect(
      codeOf(
        await start(new Response(padded(most + 1))).client.call('downloadData', { accessToken: 't' }, nobody),
      ),
    ).toBe('unavailable')
  })
})

describe('a front-end credential that the auth server refuses', () => {
  it('is logged once a minute, and signs nobody out', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1_000)
    const { client } = start(problemResponse('frontend_refused'))
    for (const [now, times] of [
      [1_000, 1],
      [60_999, 1],
      [61_000, 2],
      [61_001, 2],
    ] as const) {
      clock.mockReturnValue(now)
      expect(codeOf(await client.refresh('r', nobody))).toBe('unavailable')
      expect(told).toHaveBeenCalledTimes(times)
    }
    expect(told.mock.calls[0]?.[0]).toMatch(/http:\/\/localhost:4000 refuses.*SALLYPORT_FRONTEND_SECRET/)
    expect(told.mock.calls.join()).not.toContain(testCredentials.frontendSecret)
  })

  it('is not assumed for other errors or statuses', async () => {
    const told = vi.spyOn(console, 'error').mockReturnValue()
    for (const answer of [
      problemResponse('forbidden'),
      Response.json(problemOf('frontend_refused'), { status: 401 }),
      new Response('frontend_refused', { status: 403 }),
    ])
      await start(answer).client.refresh('r', nobody)
    expect(told).not.toHaveBeenCalled()
  })
})

function problemOf(code: string) {
  return { type: `urn:sallyport:error:${code}`, title: 'A title', status: 403, code }
}

/** A refusal that would end the session, if it were not so long. */
function problemWith(more: object) {
  return Response.json({ ...problemOf('session_ended'), status: 401, ...more }, { status: 401 })
}
