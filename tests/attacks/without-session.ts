import type { Browser } from 'playwright-core'
import { expect, it } from 'vitest'
import { demoPerson, newPerson, signIn } from '../system/people.ts'
import type { System } from '../system/system.ts'

const pages = [
  '/dashboard',
  '/invoices',
  '/invoices/new',
  '/customers',
  '/reports',
  '/profile',
  '/profile/sessions',
]
/** Matches what a protected page shows only to a signed-in user: numbers, names and figures of the example's data. */
const privateText = /INV-20\d\d-\d+|recurring revenue|olivia|churn/i

/** Internal headers of Next that once decided whether the proxy runs (CVE-2025-29927 and similar vulnerabilities). */
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

/** Forms of a path that a matcher and a router might read differently (CVE-2026-44575, -45109, -64642, -44573). */
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

async function expectNoPrivateData(url: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await fetch(url, { redirect: 'manual', headers })
  const text = await answer.text()
  expect(text, `${url} ${JSON.stringify(headers)}`).not.toMatch(privateText)
  expect(answer.status, `${url} ${JSON.stringify(headers)}`).not.toBe(500)
}

/** Defines the tests of what must be refused without a session. They apply to an app with `proxy.ts` and to an app without it. */
export function triesWithoutSession(
  system: () => Pick<System, 'webUrl' | 'appUrl' | 'authUrl'>,
  browser: () => Browser,
): void {
  it.each(pages)(
    '%s is refused, with every internal header of Next [CVE-2025-29927, N01, N02]',
    async (page) => {
      for (const headers of [{}, ...bypassHeaders]) await expectNoPrivateData(system().webUrl + page, headers)
    },
  )

  it.each(pages)('%s is refused in every form of the path [N02–N05]', async (page) => {
    for (const path of spellings(page)) {
      await expectNoPrivateData(system().webUrl + path)
      await expectNoPrivateData(system().webUrl + path, { rsc: '1' })
    }
  })

  it('a server action, called by its id without a session, changes and returns nothing [N07]', async () => {
    const context = await browser().newContext()
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
    await signIn(context, system(), await newPerson(system(), 'Olivia Acting'))
    await page.goto(`${system().webUrl}/profile`)
    await page.getByLabel('Name').fill('Olivia Acted')
    await page.getByRole('button', { name: /save/i }).click()
    await page.getByRole('status').filter({ hasText: /saved/i }).waitFor()
    const save = calls.find(({ url }) => new URL(url).pathname === '/profile')
    expect(save).toBeDefined()

    const replay = await fetch(`${system().webUrl}/profile`, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'next-action': save?.id ?? '',
        origin: system().appUrl,
        ...(save?.type && { 'content-type': save.type }),
      },
      body: (save?.body ?? '').replaceAll('Olivia Acted', 'Changed by a stranger'),
    })
    expect(await replay.text()).not.toMatch(/olivia/i)
    await page.reload()
    expect(await page.getByLabel('Name').inputValue()).toBe('Olivia Acted')
    await context.close()
  })

  it('every handler refuses a missing and an invalid session', async () => {
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
        const answer = await fetch(system().webUrl + path, { headers: { cookie } })
        expect(answer.status, `${path} ${cookie}`).toBe(401)
        expect(answer.headers.get('cache-control')).toContain('no-store')
      }
    }
    const session = (await (await fetch(`${system().webUrl}/api/auth/session`)).json()) as {
      principal: unknown
    }
    expect(session.principal).toBeNull()
  })

  it('/api forwards only configured paths [BFF-07, N06, X15]', async () => {
    const context = await browser().newContext()
    await signIn(context, system(), demoPerson('member'))
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
      const answer = await fetch(system().webUrl + path, { headers: { cookie }, redirect: 'manual' })
      expect([404, 400, 308], path).toContain(answer.status)
    }
    const configured = await fetch(`${system().webUrl}/api/invoices`, { headers: { cookie } })
    expect(configured.status).toBe(200)
    await context.close()
  })
}
