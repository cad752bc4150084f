import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { samplesOf } from '../../scripts/docs/samples.ts'
import { freshApp, password } from '../init/fresh-app.ts'
import { launchBrowser } from '../system/browser.ts'
import { batches, isOfAnApi, putSamples, putSamplesBelowApp } from './sample-files.ts'

let app: Awaited<ReturnType<typeof freshApp>>
let browser: Browser
beforeAll(async () => {
  // Other packages that the samples import: express for the API, the others for the guides about NextAuth and refreshes in PostgreSQL.
  ;[app, browser] = await Promise.all([
    freshApp({ neighbours: ['express', 'next-auth', 'pg', '@types/pg'] }),
    launchBrowser(),
  ])
}, 300_000)
afterAll(async () => {
  await browser?.close()
  app?.remove()
})

describe('the samples of README in an app of create-next-app with its defaults', () => {
  let site: Awaited<ReturnType<typeof app.serve>>
  const endings: (() => void | Promise<void>)[] = []
  beforeAll(async () => {
    endings.push(putSamples(app.folder, ['README.md']))
    await app.build()
    const secret = () => randomBytes(32).toString('base64')
    const shared = { SALLYPORT_FRONTEND_SECRET: secret(), SALLYPORT_VERIFIER_SECRET: secret() }
    site = await app.serve({
      auth: { ...shared, SALLYPORT_SECRET: secret(), SALLYPORT_AUDIENCE: 'my-api,my-web' },
      web: { ...shared, SALLYPORT_AUDIENCE: 'my-web' },
      api: { file: putApi(), env: shared },
    })
    endings.push(() => site.stop())
    await site.createUser('finance@example.com', '--role', 'finance')
    await site.createUser('support@example.com', '--role', 'support')
  }, 300_000)
  afterAll(async () => {
    for (const ending of endings.reverse()) await ending()
  })

  /** The API is a separate project, next to the app. */
  function putApi(): string {
    const folder = join(app.outside, 'api')
    mkdirSync(folder)
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    symlinkSync(join(app.folder, 'node_modules'), join(folder, 'node_modules'), 'junction')
    for (const { file, code } of samplesOf('README.md').filter(isOfAnApi))
      writeFileSync(join(folder, file), code)
    return join(folder, 'api.ts')
  }

  async function visit(options = {}): Promise<[Page, BrowserContext]> {
    const context = await browser.newContext(options)
    return [await context.newPage(), context]
  }

  async function signIn(page: Page, email: string, typed = password): Promise<void> {
    await page.getByLabel('Email').fill(email)
    await page.getByLabel('Password').fill(typed)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  const data = (page: Page) => page.getByRole('heading', { name: '3 invoices' })
  const loginOf = (path: string) => `${site.url}/login?returnTo=${encodeURIComponent(path)}`

  it.each([true, false])(
    'signs in, shows API data, and signs out (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const [page, context] = await visit({ javaScriptEnabled })
      await page.goto(`${site.url}/reports`)
      expect(page.url()).toBe(loginOf('/reports'))
      await signIn(page, 'finance@example.com', 'not the password')
      await page.getByRole('alert').filter({ hasText: 'is not right' }).waitFor()
      expect(new URL(page.url()).searchParams.get('returnTo')).toBe('/reports')
      await signIn(page, 'finance@example.com')
      await data(page).waitFor()
      expect(page.url()).toBe(`${site.url}/reports`)

      // The reader writes the sign-out; README's route handlers offer it too.
      const ended = await page.request.post(`${site.url}/api/auth/logout`, {
        headers: { origin: site.url, 'content-type': 'application/json' },
        data: {},
      })
      expect(ended.status()).toBe(204)
      await page.goto(`${site.url}/reports`)
      expect(page.url()).toBe(loginOf('/reports'))
      await context.close()
    },
  )

  it('refuses the wrong role with 403, before anything of the page is sent', async () => {
    const [page, context] = await visit()
    await page.goto(`${site.url}/login`)
    await signIn(page, 'support@example.com')
    // README's sign-in redirects to the reports, for which this role is not enough.
    await page.getByRole('heading', { name: /403|may not|not allowed/i }).waitFor()
    const refused = await page.goto(`${site.url}/reports`)
    expect(refused?.status()).toBe(403)
    expect(await page.content()).not.toContain('invoices')
    await context.close()
  })

  it('signed-out visitors get nothing of the page, and the public page needs no session', async () => {
    const stranger = await fetch(`${site.url}/reports`, { redirect: 'manual' })
    expect([stranger.status, stranger.headers.get('location')]).toEqual([307, '/login?returnTo=%2Freports'])
    expect((await fetch(`${site.url}/invoices`, { redirect: 'manual' })).status).toBe(307)
    expect((await fetch(`${site.apiUrl}/invoices`)).status).toBe(401)
    expect((await fetch(site.url)).status).toBe(200)
  })
})

describe('the samples of the other pages, unchanged', () => {
  it.each(batches().map((batch) => ({ ...batch, title: batch.pages.join(' ') })))(
    '$title: next build passes, and public pages keep their static shell',
    async ({ pages, isBelowApp }) => {
      const undo = (isBelowApp ? putSamplesBelowApp : putSamples)(app.folder, pages)
      try {
        const { stdout } = await app.build()
        // Everything is prerendered, except what waits for the session below the layout with the provider.
        expect(stdout).toMatch(/^. [○◐] \/$/m)
        if (pages.includes('docs/getting-started.md')) expect(stdout).toMatch(/^. ◐ \/export$/m)
        expect(readFileSync(join(app.folder, '.next/server/app/index.html'), 'utf8')).toContain(
          'To get started',
        )
      } finally {
        undo()
      }
    },
    600_000,
  )
})
