import { createServer } from 'node:http'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { paths } from '../../packages/protocol/src/endpoints/index.ts'
import { createSallyport, type Sallyport } from '../../packages/server/src/index.ts'
import { nodeListener } from '../../packages/server/src/node.ts'
import { recordingLog, testOptions, verifierSecret } from '../../packages/server/src/testing/sallyport.ts'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { freePort } from '../system/free-port.ts'
import { type Mounted, mounts } from './mounts.ts'

const password = 'velvet harbour quilt seven'
const json = { 'content-type': 'application/json' }

describe.each(Object.keys(mounts))('mounted in %s', (name) => {
  let sallyport: Sallyport
  let mounted: Mounted
  let lines: string[]
  const endings: (() => void | Promise<void>)[] = []
  beforeAll(async () => {
    const { lines: recorded, log } = recordingLog()
    lines = recorded
    const port = await freePort()
    const issuer = `http://127.0.0.1:${port}`
    const dataDir = temporaryFolder((ending) => endings.push(ending))
    sallyport = await createSallyport({ ...testOptions, issuer, dataDir }, { log })
    mounted = (await mounts[name]?.(sallyport, port)) as Mounted
  })
  afterAll(async () => {
    sallyport?.endStreams()
    await mounted?.close()
    await sallyport?.close()
    for (const ending of endings) await ending()
  })
  const ask = (path: string, init: RequestInit = {}) => fetch(mounted.url + path, init)
  const post = (path: string, body: unknown, headers = {}) =>
    ask(path, { method: 'POST', headers: { ...json, ...headers }, body: JSON.stringify(body) })

  it('signs up, in and out, refreshes, and refuses tokens of ended sessions', async () => {
    const account = { email: 'ada@example.com', password, name: 'Ada', transport: 'bearer' }
    expect((await post(paths.signUp, account)).status).toBe(200)
    const { name: _, ...credentials } = account
    const { accessToken, refreshToken } = (await (await post(paths.signIn, credentials)).json()) as Record<
      string,
      string
    >
    const own = { authorization: `Bearer ${accessToken}` }
    expect(await (await ask(`${paths.readSession}?x=%20`, { headers: own })).json()).toMatchObject({
      user: { email: 'ada@example.com' },
    })
    const renamed = await ask(paths.readProfile, {
      method: 'PATCH',
      headers: { ...json, ...own },
      body: JSON.stringify({ name: 'Ada L.' }),
    })
    expect(await renamed.json()).toMatchObject({ user: { name: 'Ada L.' } })
    expect((await post(paths.refresh, { refreshToken })).status).toBe(200)
    expect((await post(paths.signOut, { refreshToken })).status).toBeLessThan(300)
    expect((await ask(paths.readSession, { headers: own })).status).toBe(401)
    expect((await post(paths.refresh, { refreshToken })).status).toBe(401)
  })

  it('signs in by cookie from its origin, and from no other', async () => {
    const account = { email: 'eve@example.com', password, name: 'Eve' }
    const answer = await post(paths.signUp, account, { origin: testOptions.origins })
    expect(answer.headers.getSetCookie().filter((cookie) => /HttpOnly/.test(cookie)).length).toBeGreaterThan(
      1,
    )
    expect((await post(paths.signUp, account, { origin: 'https://evil.example' })).status).toBe(403)
  })

  it('publishes its keys, and its stream reports a sign-out immediately', async () => {
    expect((await (await ask(paths.jwks)).json()) as object).toMatchObject({ keys: [{ alg: 'ES256' }, {}] })
    expect(await (await ask(paths.metadata)).json()).toMatchObject({
      jwks_uri: expect.stringMatching(/\/\.well-known\/jwks\.json$/),
    })
    const account = { email: 'kim@example.com', password, name: 'Kim', transport: 'bearer' }
    const { refreshToken } = (await (await post(paths.signUp, account)).json()) as { refreshToken: string }
    const stream = await ask(paths.revocations, {
      headers: { authorization: `Bearer ${verifierSecret}`, accept: 'text/event-stream' },
    })
    expect(stream.status).toBe(200)
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    await post(paths.signOut, { refreshToken })
    let text = ''
    while (!text.includes('"sid"')) text += (await reader?.read())?.value ?? ''
    await reader?.cancel()
  })

  it('takes the address of a caller from the connection, not from headers', async () => {
    await post(
      paths.signIn,
      { email: 'ada@example.com', password, transport: 'bearer' },
      { 'x-forwarded-for': '203.0.113.9' },
    )
    const user = await sallyport.operator.users.find('ada@example.com')
    const [session] = await sallyport.operator.sessions.list(user?.id ?? '')
    expect(session?.address).toBe('127.0.0.1')
  })

  it('handles bad input itself: malformed, too large, of another type, of an unknown path', async () => {
    const send = (body: string, headers: Record<string, string> = json) =>
      ask(paths.signIn, { method: 'POST', headers, body })
    expect((await send('{')).status).toBe(400)
    expect((await send(JSON.stringify('x'.repeat(20_000)))).status).toBe(413)
    expect((await send('a=b', { 'content-type': 'application/x-www-form-urlencoded' })).status).toBe(415)
    const unknown = await ask('/api/auth/nothing')
    expect([unknown.status, unknown.headers.get('content-type')]).toEqual([404, 'application/problem+json'])
  })

  it('does not affect the rest of the server or its bodies', async () => {
    expect(await (await ask('/own')).json()).toEqual({ mine: true })
    expect(await (await post('/own', { a: 1 })).json()).toEqual({ a: 1 })
    expect(lines.join('')).not.toContain('"fault"')
  })
})

it('behind a parser that has consumed the body, it logs what to do', async () => {
  const { lines, log } = recordingLog()
  const sallyport = await createSallyport({ ...testOptions, dataDir: temporaryFolder() }, { log })
  onTestFinished(() => sallyport.close())
  const app = express()
  app.use(express.json())
  app.use(nodeListener(sallyport))
  const server = createServer(app)
  onTestFinished(() => void server.closeAllConnections())
  onTestFinished(() => void server.close())
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const answer = await fetch(`http://127.0.0.1:${port}${paths.signIn}`, {
    method: 'POST',
    headers: json,
    body: '{}',
  })
  expect(answer.status).toBe(500)
  expect(lines.join('')).toContain('before express.json()')
})
