import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from '../forward/raw-exchange.ts'
import { launchBrowser } from '../system/browser.ts'
import { appFiles, metadataRoutes, publicFiles } from './app-files.ts'
import { cookiesOf, locationOf, navigation, startApp } from './started-app.ts'

let app: Awaited<ReturnType<typeof startApp>>
let browser: Browser
beforeAll(async () => {
  ;[app, browser] = await Promise.all([
    startApp('Building a Next app with rules by path', appFiles),
    launchBrowser(),
  ])
}, 600_000)
afterAll(async () => {
  await browser?.close()
  await app?.end()
})

const flight = {
  accept: '*/*',
  rsc: '1',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
}
const isShared = (cacheControl: string | undefined) => !/private|no-store/.test(cacheControl ?? '')

describe('files and metadata routes', () => {
  it.each([...Object.keys(publicFiles), ...metadataRoutes])(
    '%s: is served without a redirect, and without caching after a renewal [X09]',
    async (path) => {
      for (const headers of [{}, navigation, { 'sec-fetch-dest': 'empty', 'sec-fetch-mode': 'cors' }]) {
        const answer = await app.ask(path, headers)
        expect(answer.status).toBe(200)
        expect(answer.headers['set-cookie']).toBeUndefined()
        expect(isShared(answer.headers['cache-control']?.[0])).toBe(true)
      }
      const cookie = await app.signInOverdue()
      const refreshes = app.backend.count('POST /refresh')
      const renewed = await app.ask(path, { ...navigation, cookie })
      expect(renewed.status).toBe(200)
      expect(app.backend.count('POST /refresh')).toBe(refreshes + 1)
      expect(cookiesOf(renewed.headers['set-cookie'] ?? [])).toMatch(/accessToken=.+; refreshToken=.+/)
      expect(renewed.headers['cache-control']).toEqual(['private, no-store'])
    },
  )

  it('requests for images, fonts and scripts are not redirected', async () => {
    for (const dest of ['image', 'font', 'script', 'style', 'video', 'manifest', 'serviceworker'])
      expect((await app.ask('/own', { 'sec-fetch-dest': dest })).status, dest).toBe(200)
    expect((await app.ask('/own', navigation)).status).toBe(307)
  })
})

describe('pages', () => {
  it.each(['/dashboard', '/users/john.doe', '/users/v1.2', '/users/jane.me'])(
    '%s: redirects to the sign-in page and back, and renews before the render',
    async (path) => {
      const stranger = await app.ask(path, navigation)
      expect(stranger.status).toBe(307)
      expect(locationOf(stranger)).toBe(`/login?returnTo=${encodeURIComponent(path)}`)

      const cookie = await app.signInOverdue()
      const page = await app.ask(path, { ...navigation, cookie })
      expect(page.status).toBe(200)
      const renewed = cookiesOf(page.headers['set-cookie'] ?? []).match(/refreshToken=([\w-]+)/)?.[1]
      expect(page.text).toContain('user=7')
      expect(page.text).toContain(`cookie=${renewed}`)
      expect(cookie).not.toContain(renewed)
    },
  )

  it('/api gets uploads of 15 MB, because the proxy does not match it', async () => {
    const cookie = await app.signIn()
    const size = 15 * 1024 * 1024
    const headers = { origin: app.url, cookie, 'content-type': 'text/plain', 'content-length': `${size}` }
    const body = 'x'.repeat(size)
    expect((await app.ask('/api/upload', headers, 'POST', body)).status).toBe(200)
    expect(app.api.last().body).toMatch(new RegExp(`^${size} `))
    const seen = await app.ask('/own', headers, 'POST', body)
    expect(Number(seen.body.split(' ')[0])).toBeLessThan(11 * 1024 * 1024)
  })
})

describe('protect', () => {
  it.each([
    ['/admin', ['member'], 403],
    ['/admin', ['admin'], 200],
    ['/admin/7', ['member'], 403],
    ['/admin/billing', ['admin'], 403],
    ['/admin/billing', ['finance'], 403],
    ['/admin/billing', ['finance', 'admin'], 200],
    ['/hidden', ['member'], 404],
    ['/hidden', ['staff'], 200],
    ['/downloads/q3.pdf', ['member'], 403],
    ['/downloads/q3.pdf', ['finance'], 200],
    ['/short', ['member'], 403],
    ['/short', ['admin'], 200],
    ['/open/short', ['member'], 403],
    ['/dashboard', ['member'], 200],
  ] as const)('%s for %j: %i, as page, HEAD, flight data and prefetch', async (path, roles, status) => {
    const cookie = await app.signIn([...roles])
    for (const [headers, method] of [
      [navigation, 'GET'],
      [navigation, 'HEAD'],
      [flight, 'GET'],
      [{ ...flight, 'next-router-prefetch': '1' }, 'GET'],
      [{ ...flight, 'next-router-prefetch': '1', 'next-router-segment-prefetch': '/_tree' }, 'GET'],
    ] as const) {
      const answer = await app.ask(path, { ...headers, cookie }, method)
      // Next redirects flight requests without a hash of their headers to the same URL with one.
      const expected = status === 200 && 'rsc' in headers ? [200, 307] : [status]
      expect(expected).toContain(answer.status)
      if (status === 200) continue
      expect(answer.headers['cache-control']).toEqual(['private, no-store'])
      expect(answer.text).not.toContain('user=')
      if (method === 'GET') expect(answer.text).toContain('rsc' in headers ? 'urn:sallyport:error:' : '<h1>')
    }
  })

  it('an action or any other POST to the path is refused as well', async () => {
    const cookie = await app.signIn(['member'])
    const post = { origin: app.url, 'content-type': 'text/plain;charset=UTF-8', 'content-length': '2' }
    for (const more of [{ 'next-action': 'a'.repeat(42) }, {}]) {
      expect((await app.ask('/admin', { ...post, ...more, cookie }, 'POST', '[]')).status).toBe(403)
      expect((await app.ask('/admin', { ...post, ...more }, 'POST', '[]')).status).toBe(401)
    }
    const form = await app.ask('/admin', { ...post, ...navigation }, 'POST', '[]')
    expect([form.status, locationOf(form)]).toEqual([303, '/login?returnTo=%2Fadmin'])
  })

  it('a rule with maxAgeSeconds leads to the confirm page, which opens, and never past the role', async () => {
    // The backend does not say when the user authenticated, so no authentication is recent enough.
    const cookie = await app.signIn(['finance'])
    const code = 'urn:sallyport:error:insufficient_user_authentication'
    const page = await app.ask('/payouts/7?a=1', { ...navigation, cookie })
    expect([page.status, locationOf(page)]).toEqual([307, '/confirm?returnTo=%2Fpayouts%2F7%3Fa%3D1'])
    expect(page.headers['cache-control']).toEqual(['private, no-store'])
    const image = await app.ask('/payouts', { cookie, 'sec-fetch-dest': 'image' })
    expect([image.status, image.text.includes(code)]).toEqual([401, true])
    const post = {
      origin: app.url,
      'content-type': 'text/plain;charset=UTF-8',
      'content-length': '2',
      cookie,
    }
    const form = await app.ask('/payouts', { ...post, ...navigation }, 'POST', '[]')
    expect([form.status, locationOf(form)]).toEqual([303, '/confirm?returnTo=%2Fpayouts'])
    const action = await app.ask('/payouts', { ...post, 'next-action': 'a'.repeat(42) }, 'POST', '[]')
    expect([action.status, action.text.includes(code)]).toEqual([401, true])
    const confirm = await app.ask('/confirm?returnTo=%2Fpayouts', { ...navigation, cookie })
    expect([confirm.status, confirm.text.includes('<h1>confirm')]).toEqual([200, true])
    const member = await app.ask('/payouts', { ...navigation, cookie: await app.signIn(['member']) })
    expect(member.status).toBe(403)
    const stranger = await app.ask('/payouts', navigation)
    expect([stranger.status, locationOf(stranger)]).toEqual([307, '/login?returnTo=%2Fpayouts'])
  })

  it('a signed-out visitor is redirected to sign-in, an image request is refused', async () => {
    for (const path of ['/admin', '/hidden', '/downloads/q3.pdf', '/open/short']) {
      const answer = await app.ask(path, navigation)
      expect([answer.status, locationOf(answer)], path).toEqual([
        307,
        `/login?returnTo=${encodeURIComponent(path)}`,
      ])
      expect((await app.ask(path, { 'sec-fetch-dest': 'image' })).status).toBe(401)
    }
  })

  it('protected paths respond with 503 while the session cannot be checked', async () => {
    const cookie = await app.signIn(['admin'])
    app.backend.answers['GET /me'] = { status: 503 }
    try {
      const answer = await app.ask('/admin', { ...navigation, cookie })
      expect(answer.status).toBe(503)
      expect(answer.headers['retry-after']).toEqual(['2'])
      expect(answer.headers['set-cookie']).toBeUndefined()
    } finally {
      delete app.backend.answers['GET /me']
    }
    expect((await app.ask('/admin', { ...navigation, cookie })).status).toBe(200)
  })

  it('without a rule, a refused page that streams has status 200 and no content', async () => {
    const cookie = await app.signIn(['member'])
    const answer = await app.ask('/reports', { ...navigation, cookie })
    expect(answer.status).toBe(200)
    expect(answer.text).not.toContain('<h1>Reports</h1>')
  })

  it('no form of a path avoids a rule [X16]', async () => {
    const member = await app.signIn(['member'])
    const spelled = (page: string) => [
      `${page}/`,
      `/${page}`,
      `/.${page}`,
      `/x/..${page}`,
      `/x/%2e%2e${page}`,
      `/x/..%2f${page.slice(1)}`,
      `/api/..${page}`,
      `/api/%2e%2e${page}`,
      `/api/..%2f${page.slice(1)}`,
      `/_next/..${page}`,
      `/_next/static/..${page}`,
      `/_next/static/..%2f..${page}`,
      `/_next/data/BUILD${page}.json`,
      page.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
      page.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
      `/%25${page.charCodeAt(1).toString(16)}${page.slice(2)}`,
      page.replace(/(?<=.)\//g, '%2f'),
      page.replace(/(?<=.)\//g, '%252f'),
      page.replace(/(?<=.)\//g, '\\'),
      page.replace(/(?<=.)\//g, '%5c'),
      `/%2f${page.slice(1)}`,
      page.toUpperCase(),
      `${page}%2f`,
      `${page};a`,
      `${page}%00`,
      `${page}%20`,
      `${page}.`,
      `${page}.rsc`,
      `${page}.json`,
      `${page}.txt`,
      `${page}.html`,
      `${page}.prefetch.rsc`,
      `${page}.segments/_tree.segment.rsc`,
      `${page}.segments/_index.segment.rsc`,
      `${page}.segments${page}/__PAGE__.segment.rsc`,
      `${page}?_rsc=1`,
      `${page}?nxtPid=1`,
      `/index${page}`,
      `/en${page}`,
      `/dashboard/(..)${page.slice(1)}`,
      `/dashboard/%28..%29${page.slice(1)}`,
      `/(.)${page.slice(1)}`,
    ]
    for (const page of ['/admin', '/admin/7', '/admin/billing', '/hidden', '/downloads/q3.pdf'])
      for (const path of spelled(page))
        for (const headers of [
          navigation,
          flight,
          { ...flight, 'next-url': '/dashboard' },
          { ...flight, 'next-router-segment-prefetch': '/_tree' },
        ]) {
          const said = `${path} ${JSON.stringify(headers)}`
          const stranger = await app.ask(path, headers)
          expect([307, 308, 404], said).toContain(stranger.status)
          const answer = await app.ask(path, { ...headers, cookie: member })
          // Next redirects to the path that it reads there, and flight requests without a hash of their headers to a URL with one.
          const isMoved =
            answer.status === 308 || (answer.status === 307 && locationOf(answer)?.includes('_rsc'))
          if (!isMoved) expect([403, 404], said).toContain(answer.status)
          for (const { text } of [stranger, answer])
            expect(text, said).not.toMatch(/user=|secret|Admin|Billing|Entry|Hidden/)
        }
  })

  it('in the browser, a click on a link shows an accessible refusal', async () => {
    const context = await browser.newContext()
    const cookies = (await app.signIn(['member'])).split('; ').map((pair) => {
      const [name = '', value = ''] = pair.split('=')
      return { name, value, url: app.url, sameSite: 'Strict' as const }
    })
    await context.addCookies(cookies)
    const page = await context.newPage()
    await page.goto(app.url)
    const refused = page.waitForResponse(
      (answer) => answer.url() === `${app.url}/admin` && answer.request().isNavigationRequest(),
    )
    await page.getByRole('link', { name: 'Admin' }).click()
    expect((await refused).status()).toBe(403)
    await page.getByRole('heading', { name: 'Not allowed' }).waitFor()
    expect(await page.getAttribute('html', 'lang')).toBe('en')
    expect(await page.getByRole('link', { name: 'Go to the start page' }).getAttribute('href')).toBe(
      '/dashboard',
    )
    await context.close()
  })
})

describe('another proxy', () => {
  it('that rewrites: page and browser get the renewed session', async () => {
    const cookie = await app.signInOverdue()
    const page = await app.ask('/open', { ...navigation, cookie })
    expect(page.status).toBe(200)
    const renewed = cookiesOf(page.headers['set-cookie'] ?? []).match(/refreshToken=([\w-]+)/)?.[1]
    expect(cookie).not.toContain(renewed)
    expect(page.text).toContain('<h1>Dashboard</h1>')
    expect(page.text).toContain(`cookie=${renewed}`)
  })
})

describe('several origins in APP_URL', () => {
  it('are chosen by the host of the request; other hosts are refused', async () => {
    const { url } = await app.serve((own) => ({
      APP_URL: `${own},http://app.localhost:${new URL(own).port},http://pr-*.localhost:${new URL(own).port}`,
    }))
    const { port } = new URL(url)
    const ask = (
      host: string,
      path: string,
      headers: Record<string, string> = {},
      method = 'GET',
      body = '',
    ) =>
      exchange({
        method,
        url: url + path,
        headers: { host: `${host}:${port}`, ...headers },
        ...(body && { body: [body] }),
      })
    const credentials = JSON.stringify({ email: 'ada@example.com', password: 'right' })
    const json = { 'content-type': 'application/json', 'content-length': `${credentials.length}` }
    app.backend.roles = ['member']
    for (const host of ['app.localhost', 'pr-7.localhost']) {
      const origin = `http://${host}:${port}`
      const led = await ask(host, '/dashboard', navigation)
      expect(led.status).toBe(307)
      expect(new URL(locationOf(led) ?? '', origin).href).toBe(`${origin}/login?returnTo=%2Fdashboard`)
      const signedIn = await ask(host, '/api/auth/login', { ...json, origin }, 'POST', credentials)
      expect(signedIn.status).toBe(200)
      const cookie = cookiesOf(signedIn.headers['set-cookie'] ?? [])
      expect((await ask(host, '/dashboard', { ...navigation, cookie })).text).toContain('user=7')
      for (const other of ['http://pr-8.localhost', 'http://app.localhost', 'http://evil.example'].map(
        (one) => `${one}:${port}`,
      ))
        if (other !== origin) {
          expect(
            (await ask(host, '/api/auth/login', { ...json, origin: other }, 'POST', credentials)).status,
          ).toBe(403)
          expect(
            (await ask(host, '/own', { ...json, origin: other, cookie }, 'POST', credentials)).status,
          ).toBe(403)
        }
      // Next fetches the picture from itself, by a request without a host.
      const picture = await ask(host, '/_next/image?url=%2Fopengraph-image&w=640&q=75', { accept: 'image/*' })
      expect([picture.status, picture.headers['content-type']]).toEqual([200, ['image/png']])
      for (const foreign of [
        'evil.example',
        '127.0.0.1',
        'a.pr-7.localhost',
        'pr-7.localhost.evil.example',
      ]) {
        for (const path of ['/dashboard', '/', '/login', '/api/auth/session', '/logo.svg'])
          expect((await ask(foreign, path, { ...navigation, cookie })).status, `${foreign}${path}`).toBe(421)
        const forwarded = { 'x-forwarded-host': `${host}:${port}`, cookie }
        expect((await ask(foreign, '/dashboard', forwarded)).status).toBe(421)
      }
    }
  })
})

describe('webhookPaths', () => {
  const post = {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': '6',
    'stripe-signature': 't=1',
  }
  const senders: [string, Record<string, string>][] = [
    ['a service, without Origin', {}],
    [
      'a form of the provider',
      { ...navigation, 'sec-fetch-site': 'cross-site', origin: 'https://pay.example' },
    ],
    ['a form that hides its origin', { ...navigation, 'sec-fetch-site': 'cross-site', origin: 'null' }],
  ]
  it.each(senders)('%s: gets body and headers, but no cookies [C16]', async (_, headers) => {
    const cookie = `${await app.signIn(['admin'])}; theme=dark`
    for (const method of ['POST', 'PUT']) {
      const answer = await app.ask('/webhooks/pay', { ...post, ...headers, cookie }, method, 'paid=1')
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.text)).toEqual({
        cookie: null,
        origin: headers.origin ?? null,
        signature: 't=1',
        body: 'paid=1',
        user: null,
      })
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
  })

  it.each(senders)('%s: is refused on every other path', async (_, headers) => {
    const cookie = await app.signIn(['admin'])
    for (const path of [
      '/own',
      '/dashboard',
      '/webhooks',
      '/webhooks/../own',
      '/webhooks/%2e%2e/own',
      '/webhooks/..%2fown',
    ])
      expect((await app.ask(path, { ...post, ...headers, cookie }, 'POST', 'paid=1')).status, path).toBe(403)
  })

  it('a GET is handled as on any other path', async () => {
    expect((await app.ask('/webhooks/pay', navigation)).status).toBe(307)
    const answer = await app.ask('/webhooks/pay', { ...navigation, cookie: await app.signIn() })
    expect(JSON.parse(answer.text)).toMatchObject({ user: '7' })
  })
})
