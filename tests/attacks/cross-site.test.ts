import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { demoPerson, signIn } from '../system/people.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { startTlsFront } from '../system/tls-front.ts'

let system: System
let browser: Browser
let front: Awaited<ReturnType<typeof startTlsFront>>
let sibling: Awaited<ReturnType<typeof startTlsFront>>
let hostile: Server
let hostileUrl: string

beforeAll(async () => {
  hostile = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>hostile</title>'),
  )
  hostile.listen(0, '127.0.0.1')
  await once(hostile, 'listening')
  hostileUrl = `http://127.0.0.1:${(hostile.address() as AddressInfo).port}`
  let target = ''
  front = await startTlsFront('app.sallyport.test', () => target)
  sibling = await startTlsFront('evil.sallyport.test', () => hostileUrl)
  ;[system, browser] = await Promise.all([
    startSystem({
      appUrl: (webUrl) => {
        target = webUrl
        return front.origin
      },
    }),
    launchBrowser(),
  ])
})
afterAll(async () => {
  await browser?.close()
  await system?.stop()
  await Promise.all([front?.close(), sibling?.close()])
  hostile?.close()
})

async function signedIn(): Promise<BrowserContext> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  await signIn(context, system, demoPerson('finance'))
  return context
}

/** Sent by the browser itself: only it resolves the host name and chooses the cookies. */
const nameNow = async (context: BrowserContext) => {
  const page = await context.newPage()
  const answer = await page.goto(`${front.origin}/api/user/profile`)
  const body = (await answer?.json()) as { user: { name: string } } | undefined
  await page.close()
  return body?.user.name
}

const json = '{"name":"Changed by a stranger"}'

it('the cookies are __Host-, Secure, HttpOnly and SameSite=Strict, and the browser keeps them [ASVS 3.3.1, CK-01]', async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  await page.goto(`${front.origin}/dashboard`)
  expect(page.url()).toBe(`${front.origin}/login?returnTo=%2Fdashboard`)
  await fillSignIn(page, 'member@example.com', demoPassword)
  await page.waitForURL(`${front.origin}/dashboard`)
  const cookies = (await context.cookies()).filter(({ name }) => /Token$/.test(name))
  expect(cookies.map(({ name }) => name).sort()).toEqual(['__Host-accessToken', '__Host-refreshToken'])
  for (const cookie of cookies)
    expect(cookie).toMatchObject({
      secure: true,
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      domain: 'app.sallyport.test',
    })
  await page.getByRole('heading', { level: 1 }).waitFor()
  expect(await page.evaluate(() => fetch('/api/invoices').then(({ status }) => status))).toBe(200)
  await context.close()
})

describe.each([
  ['C01, C02, C03: another site', () => hostileUrl.replace('127.0.0.1', 'other.test')],
  ['a sibling subdomain, which is the same site [C06, CK-09]', () => sibling.origin],
])('%s', (_, origin) => {
  it('cannot change anything by a POST: forms, text/plain JSON, no-cors and plain fetches', async () => {
    const context = await signedIn()
    const before = await nameNow(context)
    const paths = [
      '/api/auth/logout',
      '/api/auth/refresh',
      '/api/user/profile',
      '/api/invoices',
      '/profile',
      '/profile/sessions',
      '/api/auth/password/change',
      '/api/auth/login',
    ]
    const page = await context.newPage()
    const types = ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']
    const forms = [
      ...paths.map((path, at) => ({ path, enctype: types[at % types.length] ?? '' })),
      ...types.map((enctype) => ({ path: '/api/user/profile', enctype })),
    ]
    for (const { path, enctype } of forms) {
      await page.goto(origin())
      const [answer] = await Promise.all([
        page.waitForResponse(
          (response) => response.url() === front.origin + path && response.request().method() === 'POST',
        ),
        page.waitForURL(front.origin + path),
        page.evaluate(
          ([action, type]) => {
            const form = Object.assign(document.createElement('form'), {
              method: 'post',
              action,
              enctype: type,
            })
            form.innerHTML = `<input name='{"name":"Changed by a stranger","x":"' value='"}'>`
            document.body.append(form)
            form.submit()
          },
          [front.origin + path, enctype] as const,
        ),
      ])
      expect(answer.status(), `${enctype} to ${path}`).toBe(403)
    }
    await page.goto(origin())
    await page.evaluate(
      async ([app, body]) => {
        const attempts: Promise<unknown>[] = []
        for (const path of ['/api/auth/logout', '/api/auth/sessions', '/api/user/profile', '/api/invoices']) {
          for (const type of [
            'text/plain',
            'text/plain; application/json',
            'application/json',
            'application/x-www-form-urlencoded',
          ]) {
            for (const method of ['POST', 'PATCH', 'DELETE']) {
              for (const mode of ['no-cors', 'cors'] as const) {
                attempts.push(
                  fetch(app + path, {
                    method,
                    mode,
                    credentials: 'include',
                    headers: { 'content-type': type },
                    body: body ?? null,
                  }).catch(() => null),
                )
              }
            }
          }
          navigator.sendBeacon(app + path, new Blob([body ?? ''], { type: 'text/plain' }))
        }
        await Promise.all(attempts)
      },
      [front.origin, json] as const,
    )
    expect(await nameNow(context)).toBe(before)
    expect(await cookieOf(context, 'refreshToken')).toBeDefined()
    await context.close()
  })

  it('cannot sign the browser in as another user [C09, S07]', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(origin())
    await page.evaluate(
      async ([app, body]) => {
        const send = (mode: RequestMode, type: string) =>
          fetch(`${app}/api/auth/login`, {
            method: 'POST',
            mode,
            credentials: 'include',
            headers: { 'content-type': type },
            body: body ?? null,
          }).catch(() => null)
        await Promise.all([send('no-cors', 'text/plain'), send('cors', 'application/json')])
      },
      [front.origin, JSON.stringify({ email: 'member@example.com', password: demoPassword })] as const,
    )
    expect((await context.cookies(front.origin)).filter(({ name }) => /Token$/.test(name))).toEqual([])
    await context.close()
  })

  it('cannot read a response, because CORS does not allow the origin [C10]', async () => {
    const context = await signedIn()
    const page = await context.newPage()
    await page.goto(origin())
    const read = await page.evaluate(async (app) => {
      const answers = ['/api/auth/session', '/api/invoices', '/dashboard'].map((path) =>
        fetch(app + path, { credentials: 'include' }).then(
          () => 'read',
          () => 'refused',
        ),
      )
      return Promise.all(answers)
    }, front.origin)
    expect(read).toEqual(['refused', 'refused', 'refused'])
    await context.close()
  })

  it('cannot frame a page [C12]', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true })
    const page = await context.newPage()
    await page.goto(origin())
    const framed = async (url: string) => {
      await page.evaluate(
        (src) =>
          new Promise((resolve) => {
            const frame = Object.assign(document.createElement('iframe'), { src, onload: resolve })
            document.body.append(frame)
          }),
        url,
      )
      return page.frames().at(-1)?.url()
    }
    expect(await framed(`${origin()}/own`)).toBe(`${origin()}/own`)
    for (const path of ['/', '/login', '/dashboard'])
      expect(await framed(front.origin + path), path).toMatch(/^chrome-error:/)
    await context.close()
  })
})

describe('Origin headers that are not allowed [C05, C14]', () => {
  const origins = [
    'null',
    'https://app.sallyport.test',
    'https://app.sallyport.test.evil',
    'https://evilapp.sallyport.test',
    'http://app.sallyport.test',
    'https://sallyport.test',
    'https://[::1]',
    'garbage',
    'https://user@app.sallyport.test',
  ]

  it.each([...origins, null])('%s is refused by handlers, pages and actions', async (origin) => {
    for (const path of [
      '/api/auth/login',
      '/api/auth/logout',
      '/api/user/profile',
      '/api/invoices',
      '/api/auth/password/change',
      '/login',
      '/profile',
      '/profile/sessions',
    ]) {
      const answer = await fetch(system.webUrl + path, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          'content-type': 'application/json',
          'x-forwarded-host': new URL(front.origin).host,
          'next-action': '40'.padEnd(42, 'a'),
          ...(origin !== null && { origin }),
        },
        body: json,
      })
      expect(answer.status, `${path} from ${origin}`).toBe(403)
    }
  })

  it('the auth server refuses them for cookie sign-ins, and changes nothing [CVE-2026-27978]', async () => {
    for (const origin of [...origins, null]) {
      const answer = await fetch(`${system.authUrl}/api/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(origin !== null && { origin }) },
        body: JSON.stringify({ email: 'member@example.com', password: demoPassword }),
      })
      expect(answer.status).toBe(403)
      expect(answer.headers.getSetCookie().filter((cookie) => !/Max-Age=0/.test(cookie))).toEqual([])
    }
  })
})

describe('CORS at the auth server and at the API [C10]', () => {
  const foreign = [
    'https://evil.example',
    'null',
    'https://app.sallyport.test.evil',
    'https://xapp.sallyport.test',
    'http://app.sallyport.test',
    'https://evil.sallyport.test',
  ]

  it.each(foreign)('%s gets no permission, on responses, errors and preflights', async (origin) => {
    for (const url of [
      `${system.authUrl}/api/auth/session`,
      `${system.authUrl}/api/auth/login`,
      `${system.authUrl}/nothing`,
      `${system.apiUrl}/invoices`,
      `${system.apiUrl}/healthz`,
    ]) {
      for (const method of ['GET', 'OPTIONS', 'POST']) {
        const answer = await fetch(url, {
          method,
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type',
          },
        })
        expect(answer.headers.get('access-control-allow-origin'), `${method} ${url}`).toBeNull()
        expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
      }
    }
  })

  it('permits exactly the allowed origin, and sets Vary', async () => {
    const answer = await fetch(`${system.authUrl}/api/auth/login`, {
      method: 'OPTIONS',
      headers: {
        origin: front.origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBe(front.origin)
    expect(answer.headers.get('vary')?.toLowerCase()).toContain('origin')
    const refused = await fetch(`${system.authUrl}/api/auth/session`, {
      headers: { origin: 'https://evil.example' },
    })
    expect(refused.headers.get('vary')?.toLowerCase()).toContain('origin')
  })
})
