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
  test('by cookie for a page of ours only, by bearer for whoever is no page of another and has no cookies', async () => {
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
    expect(lines.at(-1)).toMatchObject({ code: 'credential_conflict', reason: 'bearer beside cookies' })
    expect(live(server)).toBe(0)
    expect(await asked({ transport: 'bearer' })).toEqual([200, undefined])
    expect(live(server)).toBe(1)
  })

  test('tokens stand in the body for a bearer, and in cookies alone for a browser', async () => {
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

test('a sign-in ends the session that this browser had, by whichever of its cookies is left', async () => {
  for (const kept of [['accessToken', 'refreshToken'], ['accessToken'], ['refreshToken']]) {
    const server = await startSallyport()
    await server.addUser()
    const browser = server.browser()
    await browser.signIn()
    for (const name of browser.jar.keys()) if (!kept.includes(name)) browser.jar.delete(name)
    await browser.signIn()
    expect(live(server), kept.join()).toBe(1)
    // A bearer client has sessions beside one another.
    await server.signIn()
    await server.signIn()
    expect(live(server)).toBe(3)
  }
})

test('where an address must be proven first, nobody is signed in, and whoever was stays so', async () => {
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

test('new tokens go the way that the old ones came: no script sees what stands in a cookie', async () => {
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

describe('`replaces`: the session that a new one takes the place of', () => {
  const ended = (server: TestServer, refreshToken: string) =>
    server.post(paths.refresh, { refreshToken }).then(({ status }) => status === 401)

  test('ends by its refresh token when the new one has begun, and not before', async () => {
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

  test('a token that nobody knows ends nothing and is no error', async () => {
    const server = await startSallyport()
    await server.addUser()
    const other = await server.signIn()
    const body = { ...ada, transport: 'bearer', replaces: `${other.refreshToken.slice(0, -4)}AAAA` }
    expect((await server.post(paths.signIn, body)).status).toBe(200)
    expect(live(server)).toBe(2)
  })

  test('is refused beside cookies, which name the session themselves', async () => {
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
