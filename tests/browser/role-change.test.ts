import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSallyport, optionsFromEnvironment, type Sallyport } from '../../packages/server/src/index.ts'
import { cookieOf, fillSignIn, launchBrowser } from '../system/browser.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { type Person, signIn } from '../system/people.ts'

let system: RunningExample
let browser: Browser
let beside: Sallyport
beforeAll(async () => {
  ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
  beside = await createSallyport({ ...optionsFromEnvironment(system.authEnv), logLevel: 'silent' })
})
afterAll(async () => {
  await beside?.close()
  await browser?.close()
})

/** A signed-in user of this test only, with these roles. */
async function signedIn(roles: string[]): Promise<{ page: Page; person: Person; id: string }> {
  const person = { email: `p-${crypto.randomUUID()}@example.com`, password: 'a password of some length' }
  const { id } = await beside.operator.users.create({ ...person, name: 'Pat Person', roles })
  const context = await browser.newContext()
  await signIn(context, system, person)
  const page = await context.newPage()
  await page.goto(`${system.webUrl}/icon.svg`)
  return { page, person, id }
}

const setRoles = (id: string, roles: string[]) => beside.operator.users.setRoles(id, roles)

const statusOf = async (page: Page, path: string) => (await page.goto(system.webUrl + path))?.status()
const apiStatusOf = (page: Page, path: string) =>
  page.evaluate((url) => fetch(url).then(({ status }) => status), path)

describe('a change of roles, made by an operator on the running servers', () => {
  it('takes effect at the next request, in pages and API, without signing out [R07]', async () => {
    const { page, id } = await signedIn(['member'])
    expect(await statusOf(page, '/reports')).toBe(403)
    expect(await apiStatusOf(page, '/api/reports/revenue')).toBe(403)
    const before = await cookieOf(page.context(), 'refreshToken')

    await setRoles(id, ['finance'])
    // The notice must reach each process; after that, every request is decided by the new roles.
    await expect.poll(() => statusOf(page, '/reports'), { timeout: 60_000 }).toBe(200)
    expect(await apiStatusOf(page, '/api/reports/revenue')).toBe(200)
    expect((await cookieOf(page.context(), 'refreshToken'))?.value).not.toBe(before?.value)

    await setRoles(id, ['member'])
    await expect.poll(() => apiStatusOf(page, '/api/reports/revenue'), { timeout: 60_000 }).toBe(403)
    expect(await statusOf(page, '/reports')).toBe(403)
    expect(await statusOf(page, '/dashboard')).toBe(200)
    await page.context().close()
  })

  it('removes the reports of a user who has lost the role [R07]', async () => {
    const { page, id } = await signedIn(['finance'])
    expect(await statusOf(page, '/reports')).toBe(200)
    await setRoles(id, ['member'])
    const answers: (number | undefined)[] = []
    do answers.push(await statusOf(page, '/reports'))
    while (answers.at(-1) !== 403 && answers.length < 50)
    // If the API gets the notice during the render that calls it, that render ends in the page that says to try again.
    expect(answers.join()).toMatch(/^(200,)*(500,)?403$/)
    for (let more = 0; more < 5; more += 1) expect(await statusOf(page, '/reports')).toBe(403)
    await page.context().close()
  })

  it('a disabled account is refused immediately by pages, API and sign-in', async () => {
    const { page, person, id } = await signedIn(['owner'])
    expect(await apiStatusOf(page, '/api/invoices')).toBe(200)
    await beside.operator.users.disable(id)
    await expect.poll(() => apiStatusOf(page, '/api/invoices'), { timeout: 60_000 }).toBe(401)
    await page.goto(`${system.webUrl}/dashboard`)
    expect(new URL(page.url()).pathname).toBe('/login')
    await fillSignIn(page, person.email, person.password)
    await page.getByText('The email or the password is not right').waitFor()
    await page.context().close()
  })
})
