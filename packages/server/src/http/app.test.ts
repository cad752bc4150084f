import { headers as headerNames } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import {
  bearer,
  frontendSecret,
  metricsSecret,
  origin,
  password,
  requireTokens,
  startSallyport,
  type TestServer,
  verifierSecret,
} from '../testing/sallyport.ts'
import { clearedCookies } from './cookies.ts'
import { noCredential } from './secret-comparison.ts'

const linesOf = ({ logLines }: TestServer) => logLines.map((line) => JSON.parse(line))
const requestsOf = (server: TestServer) => linesOf(server).filter(({ msg }) => msg === 'request')

test('warns once of X-Forwarded-For from an untrusted proxy, but not from a front end or this machine', async () => {
  const from = (address: string) => ({ 'x-forwarded-for': address })
  const noticesOf = (server: TestServer) =>
    linesOf(server).filter(({ msg }) => /^A request came with X-Forwarded-For, but .* is 0/.test(msg))
  const server = await startSallyport()
  await server.get(paths.health)
  await server.get(paths.health, from('127.0.0.1'))
  await server.get(paths.health, { ...from('203.0.113.7'), [headerNames.frontendCredential]: frontendSecret })
  expect(noticesOf(server)).toEqual([])
  await server.get(paths.health, from('203.0.113.7'))
  expect(noticesOf(server)).toMatchObject([{ level: 40 }])
  await server.get(paths.health, from('203.0.113.8'))
  expect(noticesOf(server)).toHaveLength(1)
  const behind = await startSallyport({ trustedProxyHops: 1 })
  await behind.get(paths.health, from('203.0.113.7'))
  expect(noticesOf(behind)).toEqual([])
})

test('a request is logged with its id, route, outcome and milliseconds', async () => {
  const server = await startSallyport()
  await server.addUser()
  const began = performance.now()
  await server.signIn()
  const took = performance.now() - began
  const [signIn] = requestsOf(server)
  expect(Object.keys(signIn).sort()).toEqual([
    'level',
    'method',
    'ms',
    'msg',
    'requestId',
    'route',
    'status',
    'time',
  ])
  expect(signIn).toMatchObject({ method: 'POST', route: paths.signIn, status: 200 })
  expect(signIn.ms).toBeLessThan(took + 0.1)
  expect(signIn.ms).toBeGreaterThan(took / 4)
  expect(Number.isInteger(Math.round(signIn.ms * 1e6) / 1e5)).toBe(true)
  expect(signIn.requestId).toMatch(/^[\da-f-]{36}$/)
})

test('a refusal is logged with its code, reason and session; a fault in another line, with the id of its request', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { refreshToken } = await server.signIn()
  const id = { 'x-request-id': 'request-12345' }
  await server.get(paths.readSession, { ...id, ...bearer('no token') })
  expect(requestsOf(server).at(-1)).toMatchObject({
    requestId: 'request-12345',
    status: 401,
    code: 'token_invalid',
  })
  expect(requestsOf(server).at(-1).reason).toBeTruthy()
  const next = await requireTokens(await server.refresh(refreshToken))
  server.clock.advance(60)
  await server.refresh(next.refreshToken)
  server.clock.advance(60)
  await server.refresh(refreshToken)
  expect(requestsOf(server).at(-1)).toMatchObject({ code: 'session_ended', reason: 'reuse' })
  expect(requestsOf(server).at(-1).sessionId).toBe(server.rows<{ id: string }>('session')[0]?.id)
  expect(linesOf(server).filter(({ msg }) => msg === 'fault')).toEqual([])
  const { accessToken } = await server.signIn()
  // A missing table is a fault of ours, not an outage of the database.
  server.execute('alter table user rename to lost')
  const answer = await server.get(paths.readProfile, { ...id, ...bearer(accessToken) })
  expect([answer.status, await answer.json()]).toMatchObject([
    500,
    { code: 'internal_error', requestId: 'request-12345' },
  ])
  expect(requestsOf(server).at(-1)).toMatchObject({ level: 50, status: 500, code: 'internal_error' })
  expect(linesOf(server).filter(({ msg }) => msg === 'fault')).toMatchObject([
    {
      level: 50,
      requestId: 'request-12345',
      route: paths.readProfile,
      error: { message: expect.stringContaining('user') },
    },
  ])
})

test('each refusal has only the headers of its own kind', async () => {
  const server = await startSallyport({ metricsSecret })
  await server.addUser()
  const { accessToken } = await server.signIn()
  const wrong = await server.post(paths.introspect, { token: accessToken }, bearer('wrong'))
  expect([wrong.status, wrong.headers.get('www-authenticate'), wrong.headers.get('retry-after')]).toEqual([
    401,
    'Bearer',
    null,
  ])
  const basic = { authorization: `Basic ${btoa('billing:wrong')}` }
  const named = await server.post(paths.introspect, { token: accessToken }, basic)
  expect([named.status, named.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="verifiers"'])
  // A refusal of another kind does not name that scheme.
  const session = await server.get(paths.readSession, basic)
  expect([session.status, session.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  expect((await server.get('/none', basic)).headers.get('www-authenticate')).toBeNull()
  for (const answer of [wrong, named, session]) expect(answer.headers.getSetCookie()).toEqual([])
  expect((await server.introspect(accessToken)).headers.get('www-authenticate')).toBeNull()
})

test('metrics require their secret, and are plain text that no cache stores', async () => {
  const server = await startSallyport({ metricsSecret })
  const figures = await server.get(paths.metrics, bearer(metricsSecret))
  expect(figures.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(figures.headers.get('cache-control')).toBe('private, no-store')
  for (const other of [{}, bearer(verifierSecret), bearer('wrong')]) {
    expect((await server.get(paths.metrics, other)).status).toBe(401)
    expect(requestsOf(server).at(-1).reason === noCredential).toBe(!('authorization' in other))
  }
})

test('works without socket data: the address of the caller is then unknown', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { sallyport } = server
  const body = JSON.stringify({ email: 'ada@example.com', password, transport: 'bearer' })
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  for (const env of [undefined, {}, { connection: {} }]) {
    const answer = await sallyport.fetch(new Request(sallyport.config.issuer + paths.signIn, init), env)
    expect(answer.status).toBe(200)
    const none = await sallyport.fetch(new Request(`${sallyport.config.issuer}/none`), env)
    expect(none.status).toBe(404)
  }
  expect(server.rows<{ address: unknown }>('session').map(({ address }) => address)).toEqual([
    null,
    null,
    null,
  ])
  await server.fetch(paths.signIn, init, '203.0.113.7')
  expect(server.rows<{ address: unknown }>('session').map(({ address }) => address)).toContain('203.0.113.7')
})

test('every response has the request id and cache rules, and no rate limit headers if no throttle applied', async () => {
  const server = await startSallyport()
  await server.addUser()
  const wrong = { email: 'ada@example.com', password: 'wrong', transport: 'bearer' }
  for (const answer of [
    await server.get('/none', { origin }),
    await server.fetch(paths.health, { method: 'POST', headers: { origin } }),
    await server.post(paths.signIn, wrong, { origin }),
  ]) {
    const id = answer.headers.get('x-request-id')
    expect(await answer.json()).toMatchObject({ requestId: id })
    expect(requestsOf(server).map(({ requestId }) => requestId)).toContain(id)
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('referrer-policy')).toBe('no-referrer')
    expect([answer.headers.has('ratelimit'), answer.headers.has('ratelimit-policy')]).toEqual([false, false])
  }
  const { accessToken } = await server.signIn()
  const limited = await server.get(paths.listSessions, bearer(accessToken))
  expect(limited.headers.get('ratelimit')).toMatch(/^"\w+_user";r=\d+;t=\d+$/)
  const ids = requestsOf(server).map(({ requestId }) => requestId)
  expect(new Set(ids).size).toBe(ids.length)
})

test('a caller with too many tries is told when to try again', async () => {
  const server = await startSallyport()
  await server.addUser()
  const wrong = { email: 'ada@example.com', password: 'wrong', transport: 'bearer' }
  let answer = await server.post(paths.signIn, wrong)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([401, null])
  for (let tries = 0; tries < 30 && answer.status === 401; tries += 1)
    answer = await server.post(paths.signIn, wrong)
  expect(answer.status).toBe(429)
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
})

test('cookies of an ended session are cleared only for callers that sent some', async () => {
  const server = await startSallyport()
  await server.addUser()
  const browser = server.browser()
  await browser.signIn()
  const { refreshToken } = await server.signIn()
  server.execute(`update session set "endedAt" = 1, "endReason" = 'revoked'`)
  const missing = await browser.get('/none')
  expect([missing.status, missing.headers.getSetCookie()]).toEqual([404, []])
  const bearing = await server.refresh(refreshToken)
  expect([bearing.status, bearing.headers.getSetCookie()]).toEqual([401, []])
  const ended = await browser.post(paths.refresh)
  expect([ended.status, ended.headers.getSetCookie()]).toEqual([401, clearedCookies(server.sallyport.config)])
})

test('HEAD is answered without a body, and opens no stream', async () => {
  const server = await startSallyport({ metricsSecret })
  const head = (path: string) => server.fetch(path, { method: 'HEAD', headers: bearer(verifierSecret) })
  for (const path of [paths.openApi, paths.revocations]) {
    const answer = await head(path)
    expect([answer.status, answer.body, await answer.text()]).toEqual([200, null, ''])
  }
  const readers = async () =>
    /^sallyport_feed_readers (\d+)$/m.exec(
      await (await server.get(paths.metrics, bearer(metricsSecret))).text(),
    )?.[1]
  expect(await readers()).toBe('0')
  const followed = await server.get(paths.revocations, bearer(verifierSecret))
  expect(await readers()).toBe('1')
  await followed.body?.cancel()
  expect(await readers()).toBe('0')
})

test('a path is matched as it was sent, without decoding, and no NUL of a path reaches the store', async () => {
  const server = await startSallyport()
  await server.addUser()
  const { accessToken } = await server.signIn()
  expect((await server.get('/api/auth/%73ession', bearer(accessToken))).status).toBe(404)
  const path = `${paths.listSessions}/%00`
  const answer = await server.fetch(path, { method: 'DELETE', headers: bearer(accessToken) })
  expect([answer.status, requestsOf(server).at(-1).reason]).toEqual([404, 'a NUL in the path'])
})
