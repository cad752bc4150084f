import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { paths } from '@sallyport/protocol/endpoints'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../../packages/server/src/testing/temporary-folder.ts'
import { buildWeb } from '../../scripts/example/build.ts'
import { freePort } from '../system/free-port.ts'
import { skipping } from '../system/interpreters.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { documentedEnvironment } from '../topologies/documented.ts'
import { missing, proxyKinds, type ReverseProxy, startReverseProxy, type Topology } from './reverse-proxy.ts'

const topologies: [Topology, string][] = [
  ['same-origin', 'Same origin'],
  ['shared-domain', 'Shared parent domain'],
]
const kinds = Object.entries(proxyKinds).filter(([name, kind]) => {
  const why = missing(kind)
  if (why !== null) skipping(`The ${name} files of examples/. ${why}`)
  return why === null
})
const json = (value: unknown) => JSON.stringify(value)
const owner = { email: 'owner@example.com', password: demoPassword }

/** The value of a cookie in a response, as the browser sends it back. */
const cookieHeader = (cookies: string[]) => cookies.map((line) => line.split(';', 1)[0]).join('; ')

describe.each(topologies)('%s', (topology, title) => {
  const endings: (() => unknown)[] = []
  let system: System
  let port: number
  let origins: Record<'app' | 'api' | 'auth', string>
  beforeAll(async () => {
    await buildWeb()
    port = await freePort()
    const origin = (name: string) => `https://${name}.sallyport.test:${port}`
    origins = { app: origin('app'), api: origin('api'), auth: origin('auth') }
    const environment = (process: Parameters<typeof documentedEnvironment>[1]) => ({
      ...documentedEnvironment(title, process, {
        'https://app.example.com': origins.app,
        'https://api.example.com': origins.api,
        'https://auth.example.com': origins.auth,
        'example.com': 'sallyport.test',
      }),
      // As the files say.
      SALLYPORT_TRUSTED_PROXY_HOPS: '1',
    })
    system = await startSystem({
      env: { auth: environment('auth server'), web: environment('Next'), api: environment('API') },
    })
    endings.push(() => system.stop())
  }, 600_000)
  afterAll(async () => {
    for (const ending of endings.reverse()) await ending()
  })

  describe.each(kinds)('%s', (_, kind) => {
    let proxy: ReverseProxy
    beforeAll(async () => {
      const portOf = (url: string) => Number(new URL(url).port)
      const upstreams = {
        pages: portOf(system.webUrl),
        auth: portOf(system.authUrl),
        api: portOf(system.apiUrl),
      }
      const folder = join(
        temporaryFolder((ending) => endings.push(ending)),
        'proxy',
      )
      proxy = await startReverseProxy(kind, topology, upstreams, { folder, port })
    })
    afterAll(() => proxy?.stop())

    const signIn = (from: string) =>
      proxy.ask(`${origins.app}/api/auth/login`, {
        method: 'POST',
        headers: { origin: origins.app, 'x-forwarded-for': '203.0.113.9' },
        body: json(owner),
        from,
      })
    const issuer = () => (topology === 'same-origin' ? origins.auth : origins.api)

    it('signs in by the pages: the cookies, a protected page, and an API call', async () => {
      const stranger = await proxy.ask(`${origins.app}/dashboard`)
      expect([stranger.status, stranger.headers.location]).toEqual([
        307,
        `${origins.app}/login?returnTo=%2Fdashboard`,
      ])
      stranger.end()

      const { status, cookies } = await signIn('127.0.0.1')
      expect(status).toBe(200)
      const prefix = topology === 'same-origin' ? '__Host-' : '__Secure-'
      for (const name of ['accessToken', 'refreshToken']) {
        const line = cookies.find((cookie) => cookie.startsWith(`${prefix}${name}=`)) ?? ''
        expect(line).toMatch(/; Path=\/;.*HttpOnly/i)
        expect(line).toMatch(/; Secure/i)
        expect(/Domain=sallyport\.test/i.test(line)).toBe(topology === 'shared-domain')
      }
      const headers = { cookie: cookieHeader(cookies) }
      const page = await proxy.ask(`${origins.app}/dashboard`, { headers })
      expect(page.status).toBe(200)
      page.end()
      const direct = topology === 'same-origin' ? `${origins.app}/api/customers` : `${origins.api}/customers`
      const customers = await proxy.ask(direct, { headers })
      expect([customers.status, await customers.json()]).toEqual([
        200,
        expect.objectContaining({ items: expect.any(Array) }),
      ])
    })

    it('ignores X-Forwarded-For of a visitor', async () => {
      const { cookies } = await signIn('127.0.0.7')
      const headers = { cookie: cookieHeader(cookies) }
      const listed = (await (await proxy.ask(`${origins.app}/api/auth/sessions`, { headers })).json()) as {
        sessions: { current: boolean; address: string }[]
      }
      expect(listed.sessions.find(({ current }) => current)?.address).toBe('127.0.0.7')

      const bearer = await proxy.ask(issuer() + paths.signIn, {
        method: 'POST',
        headers: { 'x-forwarded-for': '203.0.113.9, 203.0.113.10' },
        body: json({ ...owner, transport: 'bearer' }),
        from: '127.0.0.8',
      })
      const { accessToken } = (await bearer.json()) as { accessToken: string }
      const own = { authorization: `Bearer ${accessToken}` }
      const seen = (await (
        await proxy.ask(issuer() + paths.listSessions, { headers: own })
      ).json()) as typeof listed
      expect(seen.sessions.find(({ current }) => current)?.address).toBe('127.0.0.8')
    })

    it('the revocation feed stays open, and reports a later sign-out', async () => {
      const credential = system.authEnv.SALLYPORT_VERIFIER_SECRET ?? ''
      const feed = await proxy.ask(issuer() + paths.revocations, {
        headers: { authorization: `Bearer ${credential}`, accept: 'text/event-stream' },
      })
      expect(feed.status).toBe(200)
      const parts = feed.stream[Symbol.asyncIterator]()
      const until = async (wanted: string) => {
        let text = ''
        while (!text.includes(wanted)) {
          const { value, done } = await parts.next()
          if (done) throw new Error(`The feed has ended: ${text}`)
          text += value
        }
      }
      await until('snapshot')
      const { cookies } = await signIn('127.0.0.1')
      const out = await proxy.ask(`${origins.app}/api/auth/logout`, {
        method: 'POST',
        headers: { origin: origins.app, cookie: cookieHeader(cookies) },
        body: '{}',
      })
      expect(out.status).toBeLessThan(300)
      await until('"sid"')
      feed.end()
    }, 15_000)

    it('exposes only the three prefixes of the auth server', async () => {
      for (const path of ['/metrics', '/readyz', '/healthz']) {
        const answer = await proxy.ask(issuer() + path)
        // On the API's host, these paths are the API's.
        if (topology === 'same-origin') expect([path, answer.status]).toEqual([path, 404])
        answer.end()
      }
      expect((await proxy.ask(issuer() + paths.jwks)).status).toBe(200)
    })
  })

  describe.each(kinds)('%s before a test server', (_, kind) => {
    let proxy: ReverseProxy
    let answer: (request: IncomingMessage, response: ServerResponse) => void
    let origin: string
    beforeAll(async () => {
      const server = createServer((request, response) => answer(request, response))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      endings.push(() => {
        server.closeAllConnections()
        server.close()
      })
      const { port: behind } = server.address() as AddressInfo
      const folder = join(
        temporaryFolder((ending) => endings.push(ending)),
        'proxy',
      )
      const own = await freePort()
      origin = `https://app.sallyport.test:${own}`
      const upstreams = { pages: behind, auth: behind, api: behind }
      proxy = await startReverseProxy(kind, topology, upstreams, { folder, port: own })
    })
    afterAll(() => proxy?.stop())

    it('forwards the first part of a page immediately, with host and scheme', async () => {
      const seen = Promise.withResolvers<IncomingMessage['headers']>()
      const held = Promise.withResolvers<ServerResponse>()
      answer = (request, response) => {
        seen.resolve(request.headers)
        response.writeHead(200, { 'content-type': 'text/html' })
        response.write('<p>first</p>')
        held.resolve(response)
      }
      const page = await proxy.ask(origin)
      expect(page.headers['strict-transport-security']).toBe('max-age=31536000')
      const [part] = (await new Promise((resolve) =>
        page.stream.once('data', (chunk) => resolve([chunk])),
      )) as [string]
      expect(part).toBe('<p>first</p>')
      expect(await seen.promise).toMatchObject({
        host: new URL(origin).host,
        'x-forwarded-host': new URL(origin).host,
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '127.0.0.1',
      })
      ;(await held.promise).end()
    })

    it('forwards a response with the maximum cookies of a sign-in', async () => {
      const cookies = [3_900, 300, 300, 200, 200].map((length, index) => `c${index}=${'x'.repeat(length)}`)
      answer = (_, response) => void response.writeHead(200, { 'set-cookie': cookies }).end()
      const { status, cookies: arrived } = await proxy.ask(origin)
      expect([status, arrived]).toEqual([200, cookies])
    })
  })
})
