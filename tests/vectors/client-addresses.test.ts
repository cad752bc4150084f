import { afterEach, describe, expect, type MockInstance, onTestFinished, test, vi } from 'vitest'
import { readConfig as readNextConfig } from '../../packages/next/src/config/config.ts'
import { browserDetailsOf } from '../../packages/next/src/request/browser-details.ts'
import { readConfig as readServerConfig } from '../../packages/server/src/config/config.ts'
import { sourceOf } from '../../packages/server/src/http/client-address.ts'
import { startSallyport, testOptions } from '../../packages/server/src/testing/sallyport.ts'

const pages = {
  SALLYPORT_URL: 'http://localhost:4000',
  SALLYPORT_AUDIENCE: 'billing-web',
  APP_URL: 'http://localhost:3000',
  SALLYPORT_FRONTEND_SECRET: 'frontend-4GhJk8TnWdRyUiMp2ZlCsBgM',
}

/** The address that each side reads behind this number of proxies; the connection itself is the last proxy's. */
const sides = {
  SDK: (headers: Headers, trustedProxyHops: number) =>
    browserDetailsOf(headers, readNextConfig({ trustedProxyHops }, pages)).address,
  server: (headers: Headers, trustedProxyHops: number) =>
    sourceOf(
      new Request('http://localhost:4000/', { headers }),
      { socketAddress: '10.0.0.9', requestId: '1', limits: [] },
      readServerConfig({ ...testOptions, trustedProxyHops }),
    ).address,
}

const long = '9'.repeat(10_000)

describe.each(Object.entries(sides))('X-Forwarded-For, as the %s reads it [X04]', (_, addressOf) => {
  test.each<[string[], number, string | null]>([
    [['203.0.113.7'], 1, '203.0.113.7'],
    [[' 203.0.113.7 '], 1, '203.0.113.7'],
    [['203.0.113.7:4711'], 1, '203.0.113.7'],
    [['203.0.113.7:99999'], 1, null],
    [['203.0.113.7:'], 1, null],
    [['203.0.113.256'], 1, null],
    [['203.0.113.07'], 1, null],
    [['203.0.113'], 1, null],
    [['203.0.113.7.5'], 1, null],
    [['2001:DB8:0:0:0:0:0:7'], 1, '2001:db8::7'],
    [['2001:db8::7'], 1, '2001:db8::7'],
    [['[2001:db8::7]'], 1, '2001:db8::7'],
    [['[2001:db8::1]:443'], 1, '2001:db8::1'],
    [['[2001:db8::1]443'], 1, null],
    [['[2001:db8::1'], 1, null],
    [['[203.0.113.7]:443'], 1, null],
    [['2001:db8::7:8::9'], 1, null],
    [['1:2:3:4:5:6:7'], 1, null],
    [['1:2:3:4:5:6:7:8:9'], 1, null],
    [['::'], 1, '::'],
    [[':::'], 1, null],
    [['::ffff:203.0.113.7'], 1, '203.0.113.7'],
    [['::FFFF:cb00:7107'], 1, '203.0.113.7'],
    [['[::ffff:203.0.113.7]:443'], 1, '203.0.113.7'],
    [['::ffff:203.0.113.777'], 1, null],
    [['64:ff9b::203.0.113.7'], 1, '64:ff9b::cb00:7107'],
    [['fe80::1%eth0'], 1, null],
    [['[fe80::1%25eth0]:443'], 1, null],
    [['unknown'], 1, null],
    [['_hidden'], 1, null],
    [['"203.0.113.7"'], 1, null],
    [['for=203.0.113.7'], 1, null],
    [['localhost'], 1, null],
    [['3405803783'], 1, null],
    [['0xcb.0.113.7'], 1, null],
    [['203.0.113.7 6.6.6.6'], 1, null],
    [[long], 1, null],
    [[`6.6.6.6, ${long}`], 1, null],
    [[`${long}, 203.0.113.7`], 1, '203.0.113.7'],
    [[''], 1, null],
    [[','], 1, null],
    [['203.0.113.7, '], 1, null],
    [[], 1, null],
    [['6.6.6.6, 203.0.113.7'], 1, '203.0.113.7'],
    [['6.6.6.6,203.0.113.7, 10.0.0.8'], 2, '203.0.113.7'],
    [['6.6.6.6'], 2, null],
    [['203.0.113.7', '10.0.0.8'], 2, '203.0.113.7'],
    [['6.6.6.6', '203.0.113.7'], 1, '203.0.113.7'],
    [['203.0.113.7'], 10, null],
  ])('%j, behind %i: %s', (values, hops, expected) => {
    const headers = new Headers()
    for (const value of values) headers.append('x-forwarded-for', value)
    expect(addressOf(headers, hops)).toBe(expected)
  })
})

test('without proxies, the SDK knows no address, and the server uses the connection’s [X04]', () => {
  const headers = new Headers({ 'x-forwarded-for': '127.0.0.1' })
  expect([sides.SDK(headers, 0), sides.server(headers, 0)]).toEqual([null, '10.0.0.9'])
})

describe('the number of trusted proxies', () => {
  const variable = 'SALLYPORT_TRUSTED_PROXY_HOPS'
  const readers = {
    SDK: (value: string) => readNextConfig({}, { ...pages, [variable]: value }).trustedProxyHops,
    server: (value: string) => readServerConfig({ ...testOptions, trustedProxyHops: value }).trustedProxyHops,
  }

  test.each(Object.entries(readers))('is read from the environment, for the %s', (_, read) => {
    for (const [value, hops] of [
      ['0', 0],
      ['1', 1],
      ['10', 10],
    ] as const)
      expect(read(value)).toBe(hops)
    for (const wrong of ['11', '-1', '1.5', '1e0', '0x1', ' 1', 'one', 'true', '99999999999999999999'])
      expect(() => read(wrong)).toThrow(new TypeError(`${variable} must be a whole number from 0 to 10.`))
  })

  test('has the same rules for createAuth, authProxy and the server', () => {
    expect(readNextConfig({}, pages).trustedProxyHops).toBe(0)
    expect(readNextConfig({}, { ...pages, [variable]: '' }).trustedProxyHops).toBe(0)
    expect(readNextConfig({ trustedProxyHops: 0 }, { ...pages, [variable]: '2' }).trustedProxyHops).toBe(0)
    expect(readServerConfig(testOptions).trustedProxyHops).toBe(0)
    for (const wrong of [11, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      for (const read of [
        () => readNextConfig({ trustedProxyHops: wrong }, pages),
        () => readServerConfig({ ...testOptions, trustedProxyHops: wrong }),
      ])
        expect(read).toThrow(new TypeError(`${variable} must be a whole number from 0 to 10.`))
  })
})

describe('a proxy that is not configured', () => {
  const sentence =
    /X-Forwarded-For.*SALLYPORT_TRUSTED_PROXY_HOPS is 0.*Set SALLYPORT_TRUSTED_PROXY_HOPS to the number of reverse proxies/
  let complaints: MockInstance<typeof console.error>
  afterEach(() => complaints?.mockRestore())

  test('the SDK logs once what to set, except for headers by Next itself', () => {
    complaints = vi.spyOn(console, 'error').mockImplementation(() => {})
    const once = Symbol.for('sallyport.untrusted-proxy-warned')
    onTestFinished(() => void Reflect.deleteProperty(globalThis, once))
    Reflect.deleteProperty(globalThis, once)
    const arrive = (forwarded: string, trustedProxyHops = 0) =>
      sides.SDK(new Headers({ 'x-forwarded-for': forwarded }), trustedProxyHops)
    for (const quiet of ['', '::1', '127.0.0.1', '::ffff:127.0.0.1']) arrive(quiet)
    arrive('203.0.113.7', 1)
    expect(complaints).not.toHaveBeenCalled()
    for (let count = 0; count < 3; count++) arrive('203.0.113.7')
    expect(complaints.mock.calls).toEqual([[expect.stringMatching(sentence)]])
    expect(String(complaints.mock.calls)).not.toContain('203.0.113.7')
  })

  test('the server logs it once, except for requests of its front end', async () => {
    const server = await startSallyport()
    const said = () => server.logLines.filter((line) => sentence.test(line))
    const ask = (headers: Record<string, string>) => server.get('/healthz', headers)
    await ask({ 'x-forwarded-for': '127.0.0.1' })
    await ask({ 'x-forwarded-for': '203.0.113.7', 'sallyport-frontend': testOptions.frontendSecrets })
    expect(said()).toEqual([])
    for (let count = 0; count < 3; count++) await ask({ 'x-forwarded-for': '203.0.113.7' })
    expect(said()).toHaveLength(1)
    expect(said().join()).not.toContain('203.0.113.7')
    const told = await startSallyport({ trustedProxyHops: 1 })
    await told.get('/healthz', { 'x-forwarded-for': '203.0.113.7' })
    expect(told.logLines.filter((line) => sentence.test(line))).toEqual([])
  })
})
