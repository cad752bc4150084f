import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSallyport, optionsFromEnvironment, type Sallyport } from '../../packages/server/src/index.ts'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { demoPassword, type System, startSystem } from '../system/system.ts'

let system: System
let browser: Browser
let beside: Sallyport
beforeAll(async () => {
  ;[system, browser] = await Promise.all([startSystem(), launchBrowser()])
  beside = await createSallyport({ ...optionsFromEnvironment(system.authEnv), logLevel: 'silent' })
})
afterAll(async () => {
  await beside?.close()
  await browser?.close()
  await system?.stop()
})

async function signedIn(email: string): Promise<Page> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${system.webUrl}/login`)
  await fillSignIn(page, email, demoPassword)
  await page.waitForURL(`${system.webUrl}/dashboard`)
  return page
}

async function setRoles(email: string, roles: string[]): Promise<void> {
  const user = await beside.operator.users.find(email)
  await beside.operator.users.setRoles(user?.id ?? '', roles)
}

const statusOf = async (page: Page, path: string) => (await page.goto(system.webUrl + path))?.status()
const apiStatusOf = (page: Page, path: string) =>
  page.evaluate((url) => fetch(url).then(({ status }) => status), path)

describe('a change of roles, made by an operator beside the running servers', () => {
  it('takes effect on the next request, in pages and API, and nobody is signed out (R07)', async () => {
    const page = await signedIn('member@example.com')
    expect(await statusOf(page, '/reports')).toBe(403)
    expect(await apiStatusOf(page, '/api/reports/revenue')).toBe(403)
    const before = await cookieOf(page.context(), 'refreshToken')

    await setRoles('member@example.com', ['finance'])
    // The notice travels from process to process; from its arrival on, every request is judged anew.
    await expect.poll(() => statusOf(page, '/reports'), { timeout: 10_000 }).toBe(200)
    expect(await apiStatusOf(page, '/api/reports/revenue')).toBe(200)
    expect((await cookieOf(page.context(), 'refreshToken'))?.value).not.toBe(before?.value)

    await setRoles('member@example.com', ['member'])
    await expect.poll(() => apiStatusOf(page, '/api/reports/revenue'), { timeout: 10_000 }).toBe(403)
    expect(await statusOf(page, '/reports')).toBe(403)
    expect(await statusOf(page, '/dashboard')).toBe(200)
    await page.context().close()
  })

  it('from the notice on, no report is shown to whoever has lost the role (R07)', async () => {
    const page = await signedIn('finance@example.com')
    expect(await statusOf(page, '/reports')).toBe(200)
    await setRoles('finance@example.com', ['member'])
    const answers: (number | undefined)[] = []
    do answers.push(await statusOf(page, '/reports'))
    while (answers.at(-1) !== 403 && answers.length < 50)
    // Where the API hears of it within the very render that asks it, that one render ends in the page that says to try again.
    expect(answers.join()).toMatch(/^(200,)*(500,)?403$/)
    for (let more = 0; more < 5; more += 1) expect(await statusOf(page, '/reports')).toBe(403)
    await setRoles('finance@example.com', ['finance'])
    await page.context().close()
  })

  it('an account that is disabled is out at once: the page does not render, the API refuses, the sign-in too', async () => {
    const page = await signedIn('owner@example.com')
    const owner = await beside.operator.users.find('owner@example.com')
    await beside.operator.users.disable(owner?.id ?? '')
    await expect.poll(() => apiStatusOf(page, '/api/invoices'), { timeout: 10_000 }).toBe(401)
    await page.goto(`${system.webUrl}/dashboard`)
    expect(new URL(page.url()).pathname).toBe('/login')
    await fillSignIn(page, 'owner@example.com', demoPassword)
    await page.getByText('The email or the password is not right').waitFor()
    await beside.operator.users.enable(owner?.id ?? '')
    await page.context().close()
  })
})
