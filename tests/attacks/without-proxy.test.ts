import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Response as Answer, Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { type BuiltCopy, buildCopy, writeIn } from '../system/next-apps.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'

const pages = [
  '/dashboard',
  '/invoices',
  '/invoices/new',
  '/customers',
  '/reports',
  '/profile',
  '/profile/sessions',
]
/** What a protected page would show to somebody signed in; numbers, names and figures of the example's data. */
const privateText = /INV-20\d\d-\d+|recurring revenue|olivia|churn/i

/** Internal headers of Next that once decided whether the proxy runs (CVE-2025-29927 and relatives). */
const bypassHeaders: Record<string, string>[] = [
  ...['middleware', 'src/middleware', 'pages/_middleware', 'proxy', 'src/proxy'].flatMap((name) => [
    { 'x-middleware-subrequest': name },
    { 'x-middleware-subrequest': Array(5).fill(name).join(':') },
  ]),
  { 'x-middleware-rewrite': '/dashboard' },
  { 'x-middleware-next': '1' },
  { 'x-middleware-override-headers': 'cookie', 'x-middleware-request-cookie': 'accessToken=x' },
  { 'x-middleware-set-cookie': 'accessToken=x' },
  { 'x-nextjs-data': '1' },
  { 'x-invoke-path': '/dashboard' },
  { 'x-matched-path': '/dashboard' },
  { 'x-now-route-matches': '1=dashboard' },
  { rsc: '1' },
  { rsc: '1', 'next-router-prefetch': '1' },
  { rsc: '1', 'next-router-segment-prefetch': '/_tree' },
  {
    rsc: '1',
    'next-router-state-tree': encodeURIComponent(
      '["",{"children":["dashboard",{"children":["__PAGE__",{}]}]},null,null,true]',
    ),
  },
  { 'sallyport-session': 'signedIn' },
]

/** Spellings of a page's path that a matcher and a router might read differently (CVE-2026-44575, -45109, -64642, -44573). */
const spellings = (page: string): string[] => [
  `${page}.rsc`,
  `${page}.segments/_tree.segment.rsc`,
  `${page}.segments/_index.segment.rsc`,
  `${page}.segments${page}/__PAGE__.segment.rsc`,
  `${page}?_rsc=1`,
  `${page}/`,
  `/${page}`,
  `/.${page}`,
  `/x/..${page}`,
  page.toUpperCase(),
  `${page}%2f`,
  `${page};a`,
  `${page}%00`,
  `${page}.`,
  `${page}.json`,
  `/_next/data/BUILD${page}.json`,
  `/en${page}`,
  page.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  `${page}?nxtPid=1`,
  `${page}?nxtIid=1`,
  `/%252F${page}`,
  `${page}.txt`,
  `/index${page}`,
]

/** Handlers of the app's own, as a customer writes them beside ours. */
const ownHandlers = {
  'app/own/route.ts': `import { auth } from '../../auth'
const answer = async () => Response.json({ userId: (await auth.require()).userId })
export { answer as GET, answer as POST, answer as DELETE, answer as PUT }
`,
  'app/own/told/route.ts': `import { auth } from '../../../auth'
const answer = async (request: Request) => Response.json({ userId: (await auth.require({}, { request })).userId })
export { answer as GET, answer as POST, answer as DELETE }
`,
  'app/own/asks/route.ts': `import { api, auth, sessions } from '../../../auth'
const codeOf = (error: { problem?: { code: string } }) => error.problem?.code ?? String(error)
const answer = async () => {
  const listed = await sessions.list()
  const read = await api.get('/summary').then(() => 'read', codeOf)
  const required = await auth.require().then(() => 'required', (error) => error.code)
  return Response.json({ principal: await auth(), user: await auth.user(), sessions: listed.ok || listed.problem.code, read, required })
}
export { answer as GET, answer as POST }
`,
}

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

async function expectNoPrivateData(url: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, { redirect: 'manual', headers })
  const text = await answer.text()
  expect(text, `${url} ${JSON.stringify(headers)}`).not.toMatch(privateText)
  expect(answer.status, `${url} ${JSON.stringify(headers)}`).not.toBe(500)
}

describe.each([
  ['with proxy.ts', false],
  ['with proxy.ts removed', true],
] as const)('%s', (_, removed) => {
  let system: System
  let copy: BuiltCopy | undefined
  beforeAll(async () => {
    if (removed)
      copy = await buildCopy('apps/billing-web', 'A dashboard without its proxy', (folder) => {
        rmSync(join(folder, 'proxy.ts'))
        for (const [file, code] of Object.entries(ownHandlers)) writeIn(folder, file, code)
      })
    system = await startSystem(copy ? { web: copy.folder } : {})
  }, 240_000)
  afterAll(async () => {
    await system?.stop()
    copy?.remove()
  })

  it.each(pages)('CVE-2025-29927, N01, N02: %s denies, with every internal header', async (page) => {
    for (const headers of [{}, ...bypassHeaders]) await expectNoPrivateData(system.webUrl + page, headers)
  })

  it.each(pages)('N02–N05: %s denies in every spelling', async (page) => {
    for (const path of spellings(page)) {
      await expectNoPrivateData(system.webUrl + path)
      await expectNoPrivateData(system.webUrl + path, { rsc: '1' })
    }
  })

  it('N07: every action, called by its id without a session, changes nothing and tells nothing', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const calls: { url: string; id: string; body: string | null; type: string | undefined }[] = []
    page.on('request', (request) => {
      const id = request.headers()['next-action']
      if (id)
        calls.push({
          url: request.url(),
          id,
          body: request.postData(),
          type: request.headers()['content-type'],
        })
    })
    await page.goto(`${system.webUrl}/login?returnTo=/profile`)
    await fillSignIn(page, 'owner@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/profile`)
    await page.getByLabel('Name').fill('Olivia Acted')
    await page.getByRole('button', { name: /save/i }).click()
    await page.getByRole('status').filter({ hasText: /saved/i }).waitFor()
    const save = calls.find(({ url }) => new URL(url).pathname === '/profile')
    expect(save).toBeDefined()

    const replay = await fetch(`${system.webUrl}/profile`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'next-action': save?.id ?? '',
        origin: system.appUrl,
        ...(save?.type && { 'content-type': save.type }),
      },
      body: (save?.body ?? '').replaceAll('Olivia Acted', 'Changed by a stranger'),
    })
    expect(await replay.text()).not.toMatch(/olivia/i)
    await page.reload()
    expect(await page.getByLabel('Name').inputValue()).toBe('Olivia Acted')
    await context.close()
  })

  it('every handler denies without a session, and with nonsense for one', async () => {
    for (const path of [
      '/api/invoices',
      '/api/invoices.csv',
      '/api/customers',
      '/api/summary',
      '/api/reports/revenue',
      '/api/user/profile',
      '/api/auth/sessions',
    ]) {
      for (const cookie of [
        '',
        'accessToken=nonsense',
        'accessToken=a.b.c; refreshToken=x',
        'refreshToken=x',
      ]) {
        const answer = await fetch(system.webUrl + path, { headers: { cookie } })
        expect(answer.status, `${path} ${cookie}`).toBe(401)
        expect(answer.headers.get('cache-control')).toContain('no-store')
      }
    }
    const session = (await (await fetch(`${system.webUrl}/api/auth/session`)).json()) as {
      principal: unknown
    }
    expect(session.principal).toBeNull()
  })

  it('X15, N06, BFF-07: the pass-through reaches configured paths only', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(`${system.webUrl}/login`)
    await fillSignIn(page, 'member@example.com', demoPassword)
    await page.waitForURL(`${system.webUrl}/dashboard`)
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
    for (const path of [
      '/api/healthz',
      '/api/readyz',
      '/api/invoices/..%2fhealthz',
      '/api/invoices/%2e%2e/healthz',
      '/api/invoicesx',
      '/api/@evil.example',
      '/api/%2f%2fevil.example',
      '/api/internal',
    ]) {
      const answer = await fetch(system.webUrl + path, { headers: { cookie }, redirect: 'manual' })
      expect([404, 400, 308], path).toContain(answer.status)
    }
    expect(await cookieOf(context, 'refreshToken')).toBeDefined()
    await context.close()
  })

  if (!removed) return

  describe('C06, C15: a handler of the app that asks auth, and a page of another origin on the same site', () => {
    const sibling = createServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>sibling</title>'),
    )
    let context: BrowserContext
    let siblingUrl: string
    beforeAll(async () => {
      sibling.listen(0, '127.0.0.1')
      await once(sibling, 'listening')
      siblingUrl = `http://localhost:${(sibling.address() as AddressInfo).port}`
      context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(`${system.webUrl}/login`)
      await fillSignIn(page, 'finance@example.com', demoPassword)
      await page.waitForURL(`${system.webUrl}/dashboard`)
    })
    afterAll(async () => {
      await context?.close()
      sibling.close()
    })

    type Fetched = { method?: string; mode?: 'no-cors'; credentials?: 'include'; body?: string }

    /** What the browser was answered. */
    async function sent(from: string, path: string, how: 'form' | 'hidden form' | Fetched): Promise<Answer> {
      const page = await context.newPage()
      await page.goto(from)
      const answered = page.waitForResponse((response) => response.url() === system.webUrl + path, {
        timeout: 20_000,
      })
      await page.evaluate(
        ([to, init]) => {
          if (typeof init !== 'string') return void fetch(to, { ...init, cache: 'no-store' }).catch(() => {})
          const hidden = init === 'hidden form' ? '<meta name="referrer" content="no-referrer">' : ''
          document.head.innerHTML = hidden
          document.body.innerHTML = `<form method="post" action="${to}"><input name="a" value="b"></form>`
          // Once this has returned: the navigation takes the page away that it runs in.
          setTimeout(() => document.forms[0]?.submit())
        },
        [system.webUrl + path, how] as const,
      )
      return answered
    }
    const noCors = { mode: 'no-cors', credentials: 'include' } as const

    it.each(['/own', '/own/told'])(
      '%s: forms and fetches of a sibling, which carry the cookies, get 403',
      async (path) => {
        for (const how of [
          'form',
          'hidden form',
          { ...noCors, method: 'POST' },
          { ...noCors, method: 'POST', body: '{}' },
          { ...noCors, method: 'HEAD' },
          noCors,
        ] as const)
          expect((await sent(siblingUrl, path, how)).status(), JSON.stringify(how)).toBe(403)
      },
    )

    it.each(['/own', '/own/told'])('%s: our own pages are answered, whatever the method', async (path) => {
      const own = `${system.webUrl}/api/auth/session`
      for (const method of ['GET', 'POST', 'DELETE'])
        expect((await sent(own, path, { method })).status()).toBe(200)
      expect((await sent(own, path, { method: 'POST', body: '{}' })).status()).toBe(200)
      expect((await sent(own, path, 'form')).status()).toBe(200)
    })

    it('a link on a sibling and a typed address are answered', async () => {
      const page = await context.newPage()
      expect((await page.goto(`${system.webUrl}/own`))?.status()).toBe(200)
      await page.goto(siblingUrl)
      await page.evaluate((to) => {
        document.body.innerHTML = `<a href="${to}">Go</a>`
      }, `${system.webUrl}/own`)
      await page.getByText('Go').click()
      await page.waitForURL(`${system.webUrl}/own`)
      expect(await page.textContent('body')).toContain('userId')
      await page.close()
    })

    it('nothing that asks auth has a session there: auth, user, sessions, api', async () => {
      const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
      const ask = async (headers: Record<string, string>) =>
        (await fetch(`${system.webUrl}/own/asks`, { method: 'POST', headers: { cookie, ...headers } })).json()
      expect(await ask({ origin: siblingUrl, 'sec-fetch-site': 'same-site' })).toEqual({
        principal: null,
        user: null,
        sessions: 'origin_refused',
        read: 'origin_refused',
        required: 'origin_refused',
      })
      expect(await ask({ origin: system.appUrl, 'sec-fetch-site': 'same-origin' })).toMatchObject({
        principal: { roles: ['finance'] },
        user: { email: 'finance@example.com' },
        sessions: true,
        read: 'read',
        required: 'required',
      })
    })

    it('with the request at hand, a method that changes something needs our Origin even where no header tells', async () => {
      const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
      const ask = async (path: string, init: RequestInit) =>
        (
          await fetch(system.webUrl + path, {
            ...init,
            redirect: 'manual',
            headers: { cookie, ...init.headers },
          })
        ).status
      expect(await ask('/own/told', { method: 'DELETE' })).toBe(403)
      expect(await ask('/own/told', { method: 'DELETE', headers: { origin: system.appUrl } })).toBe(200)
      expect(await ask('/own/told', { method: 'GET' })).toBe(200)
      expect(await ask('/own', { method: 'POST', body: '{}' })).toBe(403)
    })
  })
})
