import { headers as headerNames } from '@sallyport/protocol'
import { paths } from '@sallyport/protocol/endpoints'
import { expect, test } from 'vitest'
import { readConfig } from '../config/config.ts'
import type { SallyportOptions } from '../index.ts'
import {
  frontendSecret,
  password,
  startSallyport,
  testOptions,
  verifierSecret,
} from '../testing/sallyport.ts'
import { sourceOf } from './client-address.ts'
import { deviceCookieOf } from './cookies.ts'

const proxy = '10.0.0.9'

/** What is stored for a sign-in with these headers. */
async function storedDevice(headers: Record<string, string>, options: SallyportOptions = {}) {
  const server = await startSallyport(options)
  await server.addUser()
  const answer = await server.fetch(
    paths.signIn,
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ email: 'ada@example.com', password, transport: 'bearer' }),
    },
    proxy,
  )
  expect(answer.status).toBe(200)
  const [row] = server.rows<{ address: string | null; userAgent: string | null }>('session')
  return { address: row?.address, userAgent: row?.userAgent }
}

test.each([
  'x-forwarded-for',
  'x-real-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'client-ip',
  'x-client-ip',
  headerNames.clientAddress,
])('%s of an unauthenticated caller is ignored [X04]', async (name) => {
  expect(await storedDevice({ [name]: '203.0.113.7' })).toMatchObject({ address: proxy })
  expect(await storedDevice({ [name]: '203.0.113.7', forwarded: 'for=203.0.113.7' })).toMatchObject({
    address: proxy,
  })
})

// All spellings of an address are tested in tests/vectors/client-addresses.test.ts.
test('behind a proxy its entry of X-Forwarded-For counts; without an entry the address is unknown [X04]', async () => {
  const one = { trustedProxyHops: 1 }
  expect(await storedDevice({ 'x-forwarded-for': '6.6.6.6, 203.0.113.7' }, one)).toMatchObject({
    address: '203.0.113.7',
  })
  for (const header of ['127.0.0.1, garbage', '203.0.113.7, ', ''])
    expect(await storedDevice({ 'x-forwarded-for': header }, one)).toMatchObject({ address: null })
  expect(await storedDevice({}, one)).toMatchObject({ address: null })
})

test('behind two proxies the entry before the last counts; with too few entries the address is unknown [X04]', async () => {
  const two = { trustedProxyHops: 2 }
  expect(await storedDevice({ 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.8' }, two)).toMatchObject({
    address: '203.0.113.7',
  })
  expect(await storedDevice({ 'x-forwarded-for': '6.6.6.6' }, two)).toMatchObject({ address: null })
})

test('a front end with its credential reports the address of the browser', async () => {
  const word = {
    [headerNames.clientAddress]: '203.0.113.7',
    [headerNames.clientUserAgent]: 'Firefox',
    'user-agent': 'node',
  }
  expect(await storedDevice({ ...word, [headerNames.frontendCredential]: frontendSecret })).toEqual({
    address: '203.0.113.7',
    userAgent: 'Firefox',
  })
})

test.each([
  ['', 'the credential that was sent is not in SALLYPORT_FRONTEND_SECRET'],
  ['x', 'the credential that was sent is not in SALLYPORT_FRONTEND_SECRET'],
  [frontendSecret.slice(0, -1), 'the credential that was sent is not in SALLYPORT_FRONTEND_SECRET'],
  [`"${frontendSecret}"`, 'the credential that was sent is not in SALLYPORT_FRONTEND_SECRET'],
  [verifierSecret, 'the credential that was sent is not in SALLYPORT_FRONTEND_SECRET'],
  [`${frontendSecret},${frontendSecret}`, /^a list was sent/],
])('refuses and logs a wrong front-end credential on every endpoint: %j', async (wrong, reason) => {
  const server = await startSallyport()
  const headers = { [headerNames.frontendCredential]: wrong, [headerNames.clientAddress]: '203.0.113.7' }
  for (const path of [paths.readSession, paths.jwks, paths.ready]) {
    const answer = await server.get(path, headers)
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'frontend_refused' }),
    ])
  }
  await server.addUser()
  const answer = await server.post(paths.signIn, { email: 'ada@example.com', password }, headers)
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []])
  const lines = server.logLines.map((line) => JSON.parse(line)).filter(({ code }) => code)
  expect(lines).toHaveLength(4)
  for (const line of lines)
    expect(line).toMatchObject({
      level: 40,
      code: 'frontend_refused',
      reason: expect.stringMatching(reason),
    })
  if (wrong.length > 8) expect(server.logLines.join('')).not.toContain(wrong.slice(1, -1))
})

test('on localhost a server starts without its credentials, and logs which are missing', async () => {
  const { logLines } = await startSallyport({ frontendSecrets: [], verifierSecrets: 'none' })
  const lines = logLines.map((line) => JSON.parse(line)).filter(({ setting }) => setting)
  expect(lines).toMatchObject([
    {
      level: 40,
      setting: 'SALLYPORT_FRONTEND_SECRET',
      msg: expect.stringMatching(/development on localhost/),
    },
  ])
})

test('a server without a front-end secret refuses front-end credentials', async () => {
  const server = await startSallyport({ frontendSecrets: 'none' })
  const answer = await server.get(paths.jwks, { [headerNames.frontendCredential]: frontendSecret })
  expect(answer.status).toBe(403)
  expect(server.logLines.join('')).toContain('SALLYPORT_FRONTEND_SECRET is not set here')
})

test('accepts both front-end secrets during a rotation', async () => {
  const other = 'frontend-Zk3WmQ8sVt5YbN2xLc7RjH4p'
  const options = { frontendSecrets: `${other},${frontendSecret}` }
  for (const secret of [other, frontendSecret])
    expect(
      await storedDevice(
        { [headerNames.clientAddress]: '203.0.113.7', [headerNames.frontendCredential]: secret },
        options,
      ),
    ).toMatchObject({ address: '203.0.113.7' })
})

test('stores at most 512 characters of a user agent [D07]', async () => {
  expect((await storedDevice({ 'user-agent': 'x'.repeat(5_000) })).userAgent).toHaveLength(512)
})

/** What is read from a request of this machine. */
function readOf(
  headers: Record<string, string>,
  options: SallyportOptions = {},
  socketAddress: string | null = proxy,
) {
  const request = new Request('http://localhost:4000/', { headers })
  return sourceOf(
    request,
    { socketAddress, requestId: '1', limits: [] },
    readConfig({ ...testOptions, ...options }),
  )
}

test('reads the source from the request; what is missing is unknown', () => {
  expect(readOf({})).toMatchObject({
    address: proxy,
    userAgent: null,
    device: null,
    requestId: '1',
    limits: [],
  })
  expect(readOf({}, {}, null).address).toBeNull()
  const forwarded = { 'x-forwarded-for': '6.6.6.6, 203.0.113.7' }
  expect(readOf(forwarded).address).toBe(proxy)
  expect(readOf(forwarded, { trustedProxyHops: 1 }).address).toBe('203.0.113.7')
  expect(readOf({ 'user-agent': 'x'.repeat(512) }).userAgent).toBe('x'.repeat(512))
  const controller = new AbortController()
  const request = new Request('http://localhost:4000/', { signal: controller.signal })
  const config = readConfig(testOptions)
  const { signal } = sourceOf(request, { socketAddress: null, requestId: '1', limits: [] }, config)
  controller.abort()
  expect(signal?.aborted).toBe(true)
})

test('a front end names the address and the browser; without them both are unknown', () => {
  const ours = {
    [headerNames.frontendCredential]: frontendSecret,
    'user-agent': 'node',
    'x-forwarded-for': '6.6.6.6',
  }
  for (const trustedProxyHops of [0, 1])
    expect(readOf(ours, { trustedProxyHops })).toMatchObject({ address: null, userAgent: null })
})

const device = 'abcdefghijklmnopqrstuvwxyz_-0123'
const cookie = deviceCookieOf(readConfig(testOptions))

test.each([
  [{ cookie: `${cookie}=${device}` }, device],
  [{ [headerNames.device]: device }, device],
  [{ cookie: `${cookie}=${device}`, [headerNames.device]: device.toUpperCase() }, device],
  [{ cookie: `theme=dark`, [headerNames.device]: device }, device],
  [{ cookie: `${cookie}=${device}; ${cookie}=${device}` }, null],
  [{ cookie: `${cookie}=`, [headerNames.device]: device }, null],
  [{ [headerNames.device]: `${device}x` }, null],
  [{ [headerNames.device]: `x${device}` }, null],
  [{ [headerNames.device]: device.slice(1) }, null],
  [{ [headerNames.device]: `${device.slice(1)}.` }, null],
  [{ [headerNames.device]: '' }, null],
])('of %o the device is %j', (headers, expected) => {
  expect(readOf(headers as Record<string, string>).device).toBe(expected)
})
