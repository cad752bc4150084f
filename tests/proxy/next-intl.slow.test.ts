import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { intlFiles } from './intl-files.ts'
import { cookiesOf, locationOf, navigation, startApp } from './started-app.ts'

let app: Awaited<ReturnType<typeof startApp>>
let browser: Browser

/**
 * Only next-intl is installed; Next and React are this repository's. npm must not look at the workspaces of the repository, because other
 * tests add and remove copies of them at the same time.
 */
async function installNextIntl(folder: string): Promise<void> {
  const flags = [
    '--workspaces=false',
    '--legacy-peer-deps',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
  ]
  await promisify(execFile)('npm', ['install', 'next-intl@4', ...flags, '--loglevel=error'], { cwd: folder })
}

beforeAll(async () => {
  ;[app, browser] = await Promise.all([
    startApp('Building a Next app with next-intl', intlFiles, installNextIntl),
    launchBrowser(),
  ])
}, 400_000)
afterAll(async () => {
  await browser?.close()
  await app?.end()
})

const inGerman = { ...navigation, 'accept-language': 'de' }
const inEnglish = { ...navigation, 'accept-language': 'en' }
const renewedIn = (lines: readonly string[] | undefined) =>
  cookiesOf(lines ?? []).match(/refreshToken=([\w-]+)/)?.[1]

describe('next-intl behind our proxy', () => {
  it.each([
    ['/dashboard', inEnglish, '/login?returnTo=%2Fdashboard', 'Sign in'],
    ['/de/dashboard', inGerman, '/de/login?returnTo=%2Fde%2Fdashboard', 'Anmelden'],
    ['/de/dashboard?a=1', inEnglish, '/de/login?returnTo=%2Fde%2Fdashboard%3Fa%3D1', 'Anmelden'],
  ])(
    '%s: a signed-out visitor is redirected to the sign-in page of the language',
    async (path, headers, login, heading) => {
      const answer = await app.ask(path, headers)
      expect([answer.status, locationOf(answer)]).toEqual([307, login])
      const page = await app.ask(login, headers)
      expect(page.status).toBe(200)
      expect(page.text).toContain(`<h1>${heading}</h1>`)
    },
  )

  it('a redirect to the language comes before the redirect to the sign-in page', async () => {
    const answer = await app.ask('/dashboard', inGerman)
    expect([answer.status, locationOf(answer)]).toEqual([307, '/de/dashboard'])
  })

  it.each([
    ['/dashboard', inEnglish, 'Overview', 'en'],
    ['/de/dashboard', inGerman, 'Übersicht', 'de'],
  ])('%s: is rewritten to its language, with the renewed session', async (path, headers, heading, lang) => {
    const cookie = await app.signInOverdue()
    const page = await app.ask(path, { ...headers, cookie })
    expect(page.status).toBe(200)
    expect(page.text).toContain(`<html lang="${lang}"`)
    expect(page.text).toContain(`<h1>${heading}</h1>`)
    const renewed = renewedIn(page.headers['set-cookie'])
    expect(cookie).not.toContain(renewed)
    expect(page.text).toContain('user=7')
    expect(page.text).toContain(`cookie=${renewed}`)
    expect(page.headers['cache-control']?.[0]).toMatch(/private|no-store/)
    // Theirs, and that of the wrapper around our proxy.
    expect(page.headers.link?.[0]).toContain('hreflang="de"')
    expect(page.headers['x-wrapped']).toEqual(['yes'])
  })

  it('redirects and cookies of next-intl keep the headers of our proxy', async () => {
    const cookie = await app.signInOverdue()
    const answer = await app.ask('/en/dashboard', { ...inGerman, cookie })
    expect([answer.status, locationOf(answer)]).toEqual([307, '/dashboard'])
    expect(renewedIn(answer.headers['set-cookie'])).toMatch(/./)
    expect(cookiesOf(answer.headers['set-cookie'] ?? [])).toContain('NEXT_LOCALE=en')
    expect(answer.headers['cache-control']).toEqual(['private, no-store'])
  })

  it.each(['/admin', '/de/admin', '/ADMIN', '/de/%61dmin'])(
    '%s: rules by path apply in each language',
    async (path) => {
      const cookie = await app.signIn(['member'])
      expect((await app.ask(path, { ...inEnglish, cookie })).status).toBe(403)
      const admin = await app.signIn(['admin'])
      if (/^[a-z/]+$/.test(path))
        expect((await app.ask(path, { ...inEnglish, cookie: admin })).status).toBe(200)
    },
  )

  it('redirects in the browser to the sign-in page of the language, and back', async () => {
    const context = await browser.newContext({ locale: 'de' })
    const page = await context.newPage()
    app.backend.roles = ['member']
    await page.goto(`${app.url}/dashboard`)
    expect(page.url()).toBe(`${app.url}/de/login?returnTo=%2Fde%2Fdashboard`)
    await page.fill('[name=email]', 'ada@example.com')
    await page.fill('[name=password]', 'right')
    await page.getByRole('button', { name: 'Go' }).click()
    await page.getByRole('heading', { name: 'Übersicht' }).waitFor()
    expect(page.url()).toBe(`${app.url}/de/dashboard`)
    await context.close()
  })
})
