import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Response as Answer, Browser, BrowserContext } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { type BuiltCopy, buildCopy, writeIn } from '../system/next-apps.ts'
import { demoPerson, signIn } from '../system/people.ts'
import { type System, startSystem } from '../system/system.ts'
import { triesWithoutSession } from './without-session.ts'

/** Route handlers of the app, as a customer writes them. */
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

describe('with proxy.ts removed', () => {
  let system: System
  let browser: Browser
  let copy: BuiltCopy
  beforeAll(async () => {
    copy = await buildCopy('apps/billing-web', 'A dashboard without its proxy', (folder) => {
      rmSync(join(folder, 'proxy.ts'))
      for (const [file, code] of Object.entries(ownHandlers)) writeIn(folder, file, code)
    })
    ;[system, browser] = await Promise.all([startSystem({ web: copy.folder }), launchBrowser()])
  }, 600_000)
  afterAll(async () => {
    await browser?.close()
    await system?.stop()
    copy?.remove()
  })

  triesWithoutSession(
    () => system,
    () => browser,
  )

  describe('a route handler that calls auth, for pages of a sibling subdomain [C06, C15]', () => {
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
      await signIn(context, system, demoPerson('finance'))
    })
    afterAll(async () => {
      await context?.close()
      sibling.close()
    })

    type Fetched = { method?: string; mode?: 'no-cors'; credentials?: 'include'; body?: string }

    /** The response that the browser got. */
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
          // Continue first: the navigation replaces the page in which this runs.
          setTimeout(() => document.forms[0]?.submit())
        },
        [system.webUrl + path, how] as const,
      )
      return answered
    }
    const noCors = { mode: 'no-cors', credentials: 'include' } as const

    it.each(['/own', '/own/told'])(
      '%s: forms and fetches of a sibling subdomain, which send the cookies, get 403',
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

    it.each(['/own', '/own/told'])('%s: pages of the app get a response, with any method', async (path) => {
      const own = `${system.webUrl}/api/auth/session`
      for (const method of ['GET', 'POST', 'DELETE'])
        expect((await sent(own, path, { method })).status()).toBe(200)
      expect((await sent(own, path, { method: 'POST', body: '{}' })).status()).toBe(200)
      expect((await sent(own, path, 'form')).status()).toBe(200)
    })

    it('a link on a sibling subdomain and a typed address work', async () => {
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

    it('auth, user, sessions and api find no session in such a request', async () => {
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

    it('with the request passed in, a method that changes state requires an allowed Origin', async () => {
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
