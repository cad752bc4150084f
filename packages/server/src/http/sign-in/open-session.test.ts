import { paths } from '@sallyport/protocol/endpoints'
import { describe, expect, test } from 'vitest'
import { origin, password, startSallyport, type TestServer } from '../../testing/sallyport.ts'

const ada = { email: 'ada@example.com', password }
const foreign = { origin: 'https://evil.example' }

async function codeOf(answer: Response): Promise<[number, string | undefined]> {
  return [answer.status, ((await answer.json()) as { code?: string }).code]
}

const live = (server: TestServer) =>
  server.rows<{ endedAt: number | null }>('session').filter(({ endedAt }) => endedAt === null).length

describe.each([
  { path: paths.signIn, body: ada },
  { path: paths.signUp, body: { ...ada, email: 'eve@example.com', name: 'Eve' } },
])('$path', ({ path, body }) => {
  test('by cookie requires an allowed origin; by bearer, no foreign origin and no cookies', async () => {
    const server = await startSallyport()
    await server.addUser()
    const asked = async (transport: object, headers: Record<string, string> = {}) =>
      codeOf(await server.post(path, { ...body, ...transport }, headers))
    for (const transport of [{}, { transport: 'cookie' }]) {
      expect(await asked(transport)).toEqual([403, 'origin_refused'])
      expect(await asked(transport, foreign)).toEqual([403, 'origin_refused'])
    }
    expect(await asked({ transport: 'bearer' }, foreign)).toEqual([403, 'origin_refused'])
    const cookie = 'accessToken=gone'
    expect(await asked({ transport: 'bearer' }, { origin, cookie })).toEqual([401, 'credential_conflict'])
    const lines = server.logLines.map((line) => JSON.parse(line))
    expect(lines.at(-1)).toMatchObject({
      code: 'credential_conflict',
      reason: 'transport "bearer", and cookies',
    })
    expect(live(server)).toBe(0)
    expect(await asked({ transport: 'bearer' })).toEqual([200, undefined])
    expect(live(server)).toBe(1)
  })

  test('sends tokens in the body to a bearer client, and only in cookies to a browser', async () => {
    const server = await startSallyport()
    await server.addUser()
    const user = { email: body.email }
    const byBearer = await server.post(path, { ...body, transport: 'bearer' })
    expect(byBearer.headers.getSetCookie()).toEqual([])
    expect(await byBearer.json()).toMatchObject({
      user,
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
    })
    const other = await startSallyport()
    await other.addUser()
    const byCookie = await other.post(path, body, { origin })
    expect(byCookie.headers.getSetCookie().map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining(['accessToken', 'refreshToken']),
    )
    const answer = (await byCookie.json()) as object
    expect(answer).toMatchObject({ user })
    expect(Object.keys(answer).sort()).toEqual(['expiresIn', 'user'])
  })
})

test('a sign-in ends the previous session of this browser, found by any of its cookies', async () => {
  for (const kept of [['accessToken', 'refreshToken'], ['accessToken'], ['refreshToken']]) {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    for (const name of browser.jar.keys()) if (!kept.includes(name)) browser.jar.delete(name)
    await browser.signIn()
    expect(live(server), kept.join()).toBe(1)
    // A bearer client may have several sessions.
    await server.signIn()
    await server.signIn()
    expect(live(server)).toBe(3)
  }
})

test('if the address must be verified first, nobody is signed in, and an existing session stays', async () => {
  const server = await startSallyport({ emailVerification: 'sign-in', developmentInbox: true })
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const answer = await browser.post(paths.signUp, { ...ada, email: 'eve@example.com', name: 'Eve' })
  expect([answer.status, await answer.json(), answer.headers.getSetCookie()]).toEqual([
    202,
    { status: 'mailed' },
    [],
  ])
  expect((await browser.get(paths.readSession)).status).toBe(200)
  expect(live(server)).toBe(1)
})

test('new tokens are sent in the same way as the old ones: no script sees those of cookies', async () => {
  const server = await startSallyport()
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const byCookie = await browser.post(paths.refresh)
  expect(Object.keys((await byCookie.json()) as object)).toEqual(['expiresIn'])
  expect(
    byCookie.headers
      .getSetCookie()
      .map((line) => line.split('=')[0])
      .sort(),
  ).toEqual(['accessToken', 'refreshToken'])
  const { refreshToken } = await server.signIn()
  const byBearer = await server.refresh(refreshToken)
  expect(byBearer.headers.getSetCookie()).toEqual([])
  expect(await byBearer.json()).toMatchObject({
    accessToken: expect.any(String),
    refreshToken: expect.any(String),
  })
})

describe('`replaces`: the session that the new one replaces', () => {
  const ended = (server: TestServer, refreshToken: string) =>
    server.post(paths.refresh, { refreshToken }).then(({ status }) => status === 401)

  test('ends by its refresh token after the new one has begun', async () => {
    const server = await startSallyport()
    await server.addUser()
    const before = await server.signIn()
    const body = { ...ada, transport: 'bearer', replaces: before.refreshToken }
    expect((await server.post(paths.signIn, { ...body, password: 'another password' })).status).toBe(401)
    expect(live(server)).toBe(1)
    const answer = await server.post(paths.signIn, body)
    expect(answer.status).toBe(200)
    expect(await ended(server, before.refreshToken)).toBe(true)
    const { refreshToken } = (await answer.json()) as { refreshToken: string }
    expect(await ended(server, refreshToken)).toBe(false)
  })

  test('an unknown token ends nothing and is no error', async () => {
    const server = await startSallyport()
    await server.addUser()
    const other = await server.signIn()
    const body = { ...ada, transport: 'bearer', replaces: `${other.refreshToken.slice(0, -4)}AAAA` }
    expect((await server.post(paths.signIn, body)).status).toBe(200)
    expect(live(server)).toBe(2)
  })

  test('is refused with cookies, which name the session themselves', async () => {
    const server = await startSallyport()
    await server.addUser()
    const { refreshToken } = await server.signIn()
    for (const path of [paths.signIn, paths.signUp, paths.verifyAddress]) {
      const body = { ...ada, name: 'Eve', token: 'unknown', email: 'eve@example.com', replaces: refreshToken }
      const { token: _, ...signUp } = body
      const { email: __, name: ___, ...verify } = body
      const { name: ____, ...signIn } = signUp
      const sent = { [paths.signUp]: signUp, [paths.signIn]: signIn, [paths.verifyAddress]: verify }[path]
      const answer = await server.post(path, sent ?? {}, { origin })
      expect([path, answer.status, await answer.json()]).toMatchObject([
        path,
        400,
        { code: 'invalid_request', errors: [{ field: 'replaces' }] },
      ])
    }
    expect(live(server)).toBe(1)
  })
})
