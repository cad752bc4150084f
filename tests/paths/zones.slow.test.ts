import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRecordingApi } from '../forward/recording-api.ts'
import { createBell } from '../system/bell.ts'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { type Hosts, startHosts } from '../system/hosts.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'
import { buildNextApp } from './next-app.ts'

const host = 'app.sallyport.test'
const endings: (() => unknown)[] = []
let system: System
let browser: Browser
let hosts: Hosts
let api: Awaited<ReturnType<typeof startRecordingApi>>

beforeAll(async () => {
  // Sequentially: each build uses both cores.
  const main = await buildNextApp({})
  endings.unshift(main.remove)
  const blog = await buildNextApp({ basePath: '/blog' })
  endings.unshift(blog.remove)
  ;[system, browser, hosts, api] = await Promise.all([
    startSystem({ web: null }),
    launchBrowser(),
    startHosts([host], createBell()),
    startRecordingApi((end) => endings.unshift(end)),
  ])
  endings.unshift(
    () => system.stop(),
    () => browser.close(),
    () => hosts.close(),
  )
  const env = { APP_URL: hosts.origin(host) }
  const [mainApp, blogApp] = await Promise.all([
    main.serve(system, api.url, env),
    blog.serve(system, api.url, { ...env, LOGIN_BASE_PATH: '' }),
  ])
  endings.unshift(mainApp.stop, blogApp.stop)
  hosts.targets.set(host, (path) => (/^\/blog(?:[/?]|$)/.test(path) ? blogApp.url : mainApp.url))
}, 600_000)
afterAll(async () => {
  for (const end of endings) await end()
})

const at = (path: string) => hosts.origin(host) + path

async function signedInAtBlog(javaScriptEnabled: boolean): Promise<Page> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true, javaScriptEnabled })).newPage()
  await page.goto(at('/blog/dashboard?tab=1'))
  expect(page.url()).toBe(at('/login?returnTo=%2Fblog%2Fdashboard%3Ftab%3D1'))
  await fillSignIn(page, 'finance@example.com', demoPassword)
  await page.getByText('Roles: finance').waitFor()
  expect(page.url()).toBe(at('/blog/dashboard?tab=1'))
  return page
}

it.each([true, false])(
  'two apps of one origin share a session and one sign-in page; scripts: %s',
  async (javaScriptEnabled) => {
    const page = await signedInAtBlog(javaScriptEnabled)
    expect(await cookieOf(page.context(), 'accessToken')).toMatchObject({
      name: '__Host-accessToken',
      path: '/',
    })
    await page.goto(at('/reports'))
    await page.getByRole('heading', { name: 'Reports' }).waitFor()
    await page.goto(at('/blog/reports'))
    await page.getByRole('heading', { name: 'Reports' }).waitFor()
    await page.goto(at('/dashboard'))
    await page.getByRole('button', { name: 'Sign out by the server' }).click()
    await page.getByRole('button', { name: 'Sign in' }).waitFor()
    expect(page.url()).toBe(at('/login'))
    // auth.require, where the proxy of the zone does not run.
    await page.goto(at('/blog/unseen'))
    expect(page.url()).toBe(at('/login?returnTo=%2Fblog%2Funseen%3Fa%3D1'))
    await page.context().close()
  },
)

it('scripts of each app call its handlers, and notice sign-outs in the other', async () => {
  const page = await signedInAtBlog(true)
  const other = await page.context().newPage()
  await other.goto(at('/'))
  await other.getByText('Session: signedIn').waitFor()
  const before = hosts.all.length
  await page.getByRole('button', { name: 'Ask', exact: true }).click()
  await page.getByText('Answer: 200').waitFor()
  await other.getByRole('button', { name: 'Ask', exact: true }).click()
  await other.getByText('Answer: 200').waitFor()
  const asked = hosts.all.slice(before).map(({ path }) => path.split('?')[0])
  expect(asked.filter((path) => path?.includes('/summary'))).toEqual(['/blog/api/summary', '/api/summary'])
  expect(api.seen.map(({ line }) => line)).toEqual(['GET /summary?x=1', 'GET /summary?x=1'])
  await other.getByRole('button', { name: 'Sign out', exact: true }).click()
  await page.waitForURL(at('/login?returnTo=%2Fblog%2Fdashboard%3Ftab%3D1'))
  await page.context().close()
})

it('renews the session on the home page of a zone', async () => {
  // Without scripts, so that only the proxy can renew.
  const page = await signedInAtBlog(false)
  const context = page.context()
  const { value: before } = (await cookieOf(context, 'refreshToken')) ?? {}
  await context.clearCookies({ name: '__Host-accessToken' })
  await page.goto(at('/blog'))
  await page.getByText('Session: signedIn').waitFor()
  expect(await cookieOf(context, 'accessToken')).toBeDefined()
  expect((await cookieOf(context, 'refreshToken'))?.value).not.toBe(before)
  await context.close()
})
