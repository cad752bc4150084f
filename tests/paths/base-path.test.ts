import { request as httpRequest } from 'node:http'
import type { Browser, Page, Request } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startElsewhere } from '../beside-next-auth/stage.ts'
import { startRecordingApi } from '../forward/recording-api.ts'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import type { ServedApp } from '../system/next-apps.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { buildNextApp } from './next-app.ts'

const endings: (() => unknown)[] = []
let system: System
let browser: Browser
let app: ServedApp
let api: Awaited<ReturnType<typeof startRecordingApi>>

beforeAll(async () => {
  const built = await buildNextApp({ basePath: '/app', trailingSlash: true })
  endings.unshift(built.remove)
  ;[system, browser, api] = await Promise.all([
    startSystem({ web: null }),
    launchBrowser(),
    startRecordingApi((end) => endings.unshift(end)),
  ])
  endings.unshift(
    () => system.stop(),
    () => browser.close(),
  )
  app = await built.serve(system, api.url)
  endings.unshift(app.stop)
}, 600_000)
afterAll(async () => {
  for (const end of endings) await end()
})
beforeEach(() => {
  api.seen.length = 0
  api.answer = (_, response) => void response.end('from the API')
})

/** Every request of a page, with the number of redirects before it. */
function watch(page: Page) {
  const seen: { path: string; redirects: number }[] = []
  page.on('request', (request) => {
    const { origin, pathname } = new URL(request.url())
    seen.push({ path: (origin === app.url ? '' : origin) + pathname, redirects: redirectsTo(request) })
  })
  return {
    expectInside() {
      expect(seen.length).toBeGreaterThan(0)
      expect(seen.filter(({ path }) => !path.startsWith('/app/'))).toEqual([])
      // At most one redirect of Next, for the slash or for its own _rsc, and one of ours.
      expect(Math.max(...seen.map(({ redirects }) => redirects))).toBeLessThanOrEqual(2)
    },
    pathsOf: (part: string) => seen.map(({ path }) => path).filter((path) => path.includes(part)),
  }
}
function redirectsTo(request: Request): number {
  const from = request.redirectedFrom()
  return from === null ? 0 : 1 + redirectsTo(from)
}

/** The path as it was sent, not normalized by a client. */
function get(path: string, headers: Record<string, string> = {}) {
  const { port } = new URL(app.url)
  return new Promise<{ status: number; location: string | undefined; cookies: string[]; body: string }>(
    (resolve, reject) => {
      const asked = httpRequest({
        host: '127.0.0.1',
        port,
        path,
        headers: { host: `localhost:${port}`, ...headers },
      })
      asked.on('error', reject).on('response', async (answer) => {
        let body = ''
        for await (const chunk of answer.setEncoding('utf8')) body += chunk
        const { statusCode: status = 0, headers: answered } = answer
        resolve({ status, location: answered.location, cookies: answered['set-cookie'] ?? [], body })
      })
      asked.end()
    },
  )
}

describe.each([
  ['with scripts', true],
  ['without scripts', false],
])('an app with basePath and trailingSlash, in a browser %s', (_, javaScriptEnabled) => {
  it('a first visit goes to the sign-in page and back, and never leaves /app', async () => {
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    const watched = watch(page)
    await page.goto(`${app.url}/app/dashboard?tab=1`)
    expect(page.url()).toBe(`${app.url}/app/login/?returnTo=%2Fdashboard%2F%3Ftab%3D1`)
    await fillSignIn(page, 'finance@example.com', 'not the password')
    await page.waitForURL(/failed/)
    expect(page.url()).toMatch(/\/app\/login\/\?failed=?$/)
    await page.goto(`${app.url}/app/dashboard/?tab=1`)
    await fillSignIn(page, 'finance@example.com', demoPassword)
    await page.getByText('Roles: finance').waitFor()
    expect(page.url()).toBe(`${app.url}/app/dashboard/?tab=1`)
    expect(await cookieOf(context, 'accessToken')).toMatchObject({ path: '/' })
    await page.getByRole('link', { name: 'Reports' }).click()
    await page.getByRole('heading', { name: 'Reports' }).waitFor()
    await page.goBack()
    await page.getByRole('button', { name: 'Sign out by the server' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(new URL(page.url()).pathname).toMatch(/^\/app\/login\/?$/)
    expect(await cookieOf(context, 'refreshToken')).toBeUndefined()
    watched.expectInside()
    await context.close()
  })
})

async function signedIn(): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(`${app.url}/app/dashboard/`)
  await fillSignIn(page, 'finance@example.com', demoPassword)
  await page.getByText('Session: signedIn').waitFor()
  return page
}

describe('scripts of an app with basePath and trailingSlash', () => {
  it('call the API at the written URL', async () => {
    const page = await signedIn()
    const watched = watch(page)
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByText('Answer: 200 from the API').waitFor()
    expect(api.seen.map(({ line }) => line)).toEqual(['GET /summary?x=1'])
    watched.expectInside()
    expect(watched.pathsOf('summary')).toEqual(['/app/api/summary/'])
    await page.context().close()
  })

  it('follow a redirect of the API inside the app', async () => {
    api.answer = ({ line }, response) =>
      line === 'GET /moved'
        ? void response.writeHead(302, { location: '/summary?x=%20&y' }).end()
        : void response.end('from where it is now')
    const page = await signedIn()
    const watched = watch(page)
    await page.getByRole('button', { name: 'Ask what has moved' }).click()
    await page.getByText('Answer: 200 from where it is now').waitFor()
    // The query as it was sent: Next would write %20 as + and y as y=.
    expect(api.seen.map(({ line }) => line)).toEqual(['GET /moved', 'GET /summary?x=%20&y'])
    watched.expectInside()
    await page.context().close()
  })

  it('renew a refused session and sign out, without a redirect on the way', async () => {
    let refusals = 0
    api.answer = (_, response) =>
      refusals++ === 0 ? void response.writeHead(401).end() : void response.end('renewed')
    const page = await signedIn()
    const watched = watch(page)
    await page.getByRole('button', { name: 'Ask', exact: true }).click()
    await page.getByText('Answer: 200 renewed').waitFor()
    expect(watched.pathsOf('refresh')).toEqual(['/app/api/auth/refresh/'])
    await page.getByRole('button', { name: 'Sign out', exact: true }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(watched.pathsOf('logout')).toEqual(['/app/api/auth/logout/'])
    expect(page.url()).toContain(`${app.url}/app/login/`)
    watched.expectInside()
    await page.context().close()
  })

  it('keep the fragment of a link from another site', async () => {
    const page = await signedIn()
    const elsewhere = await startElsewhere(`${app.url}/app/dashboard/?tab=1#part`)
    await page.goto(elsewhere.url)
    await page.getByRole('link', { name: 'go' }).click()
    await page.getByText('Roles: finance').waitFor()
    expect(page.url()).toBe(`${app.url}/app/dashboard/?tab=1#part`)
    elsewhere.close()
    await page.context().close()
  })
})

describe('redirects and URLs in this version of Next', () => {
  it('auth.require redirects to the sign-in page where the proxy does not run', async () => {
    const loginUrl = `${app.url}/app/login/?returnTo=`
    expect(await get('/app/unseen/')).toMatchObject({ status: 307, location: `${loginUrl}%2Funseen%3Fa%3D1` })
    expect(await get('/app/export/')).toMatchObject({ status: 307, location: `${loginUrl}%2Fdashboard` })
  })

  it('each locale has its own sign-in page, in the proxy and in auth.require', async () => {
    expect(await get('/app/de/login/')).toMatchObject({ status: 200 })
    expect(await get('/app/de/reports/')).toMatchObject({
      status: 307,
      location: '/app/de/login/?returnTo=%2Fde%2Freports%2F',
    })
    const led = { status: 307, location: `${app.url}/app/de/login/` }
    expect(await get('/app/de/team/')).toMatchObject(led)
    expect(await get('/app/de/team/', { 'sallyport-page-path': '/elsewhere' })).toMatchObject(led)
  })

  it('the home page is renewed too', async () => {
    const page = await signedIn()
    const refreshToken = await cookieOf(page.context(), 'refreshToken')
    const answer = await get('/app/', { cookie: `${refreshToken?.name}=${refreshToken?.value}` })
    expect(answer.cookies.some((line) => /accessToken=\S{20}/.test(line))).toBe(true)
    expect(answer.body).toContain('signedIn')
    await page.context().close()
  })

  it.each([
    ['/app/', 200],
    ['/app/%C3%BCber-uns/', 200],
    ['/app/docs/start/', 200],
    ['/app/docs/john.doe', 200],
    ['/app/docs/a%2Fb/', 200],
    ['/app/login/', 200],
    ['/app/api/auth/session/', 200],
    ['/app/docs/', 307],
    ['/app/docs-x/', 307],
    ['/app/Docs/x/', 307],
    ['/app/nowhere/', 307],
    ['/app/api/summary/', 401],
    ['/app/api/auth/nothing/', 404],
  ])('%s answers a signed-out visitor with %i', async (path, status) => {
    const answer = await get(path)
    expect(answer.status).toBe(status)
    if (status === 307) expect(answer.location).toMatch(/^\/app\/login\/\?returnTo=/)
  })

  it.each([
    '/app/admin',
    '/app/admin/',
    '/app//admin/',
    '/app/%61dmin/',
    '/app/ADMIN/',
    '/app/admin;x/',
    '/app/docs/../admin/',
    '/app/docs/%2e%2e/admin/',
    '/app/docs/.%2E/admin/',
    '/app/docs/%252e%252e/admin/',
    '/app/docs/..%2fadmin/',
    '/app/docs/..%5cadmin/',
    '/app/docs\\..\\admin/',
    '/app/docs/%2e%2e%2fadmin/',
    '/app/docs/x/../../admin/',
    '/app/docs//../admin/',
    '/app/./admin/',
    '/app/admin.rsc',
    '/app/admin/?_rsc=1',
    '/app/_next/../admin/',
    '/app/api/../admin/',
    '/app/api/..%2fadmin/',
    '/admin/',
    '/app/../admin/',
    '/app/app/admin/',
  ])('no form of a path shows a protected page to a signed-out visitor: %s', async (path) => {
    for (const headers of [{}, { rsc: '1' }] as Record<string, string>[]) {
      let at = path
      for (let hop = 0; ; hop++) {
        expect(hop, 'too many redirects').toBeLessThan(6)
        const { status, location, body } = await get(at, headers)
        expect(body).not.toContain('Secret of the admins')
        if (location === undefined || status < 300 || status > 399) break
        expect(new URL(location, app.url).origin).toBe(app.url)
        at = location.replace(app.url, '')
      }
    }
  })
})
