import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import { layoutShift, watchLayoutShifts } from '../system/layout-shift.ts'
import { threeProviders } from './account-pages.ts'
import { authenticatorPages } from './authenticator-pages.ts'
import { addAuthenticator } from './virtual-authenticator.ts'

const { url, newPerson, newProtectedPerson, freshCode, enterPassword, newContext, ...more } =
  authenticatorPages(threeProviders)
const { deviceOf, ageSignIn, linkGitHub } = more

describe.each([
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const)('$colorScheme, $width px wide', ({ colorScheme, width, height }) => {
  const screen = { colorScheme, viewport: { width, height }, reducedMotion: 'reduce' as const }
  const complaints: string[] = []

  async function watch(context: BrowserContext): Promise<void> {
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.page()?.url()}: ${message.text()}`)
    })
    context.on('weberror', (error) => complaints.push(String(error.error())))
    await watchLayoutShifts(context)
  }

  async function check(page: Page, what: string): Promise<void> {
    expect(await accessibilityFaults(page), what).toEqual([])
    expect(await sidewaysOverflow(page), what).toBeLessThanOrEqual(0)
  }

  /** Loads the page that is open again, so that layout shifts are counted from its start. */
  async function checkLoaded(page: Page, path?: string): Promise<void> {
    if (path === undefined) await page.reload({ waitUntil: 'networkidle' })
    else await page.goto(url(path), { waitUntil: 'networkidle' })
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await check(page, page.url())
    expect(await layoutShift(page), page.url()).toBeLessThan(0.01)
  }

  it('the pages of a sign-in with a second factor are accessible, without overflow, layout shifts or errors', {
    timeout: 300_000,
  }, async () => {
    const context = await newContext(screen)
    await watch(context)
    const page = await context.newPage()
    await enterPassword(page, await newPerson(['finance']))
    await checkLoaded(page)
    await page.getByRole('button', { name: 'Set up the app' }).click()
    await page.getByRole('img', { name: 'QR code' }).waitFor()
    await check(page, 'the QR code')
    await page.getByLabel('Code from the app').fill('000000')
    await page.locator('[aria-invalid="true"]').waitFor()
    await check(page, 'the QR code, refused')
    const person = await newProtectedPerson()
    await enterPassword(page, person)
    await checkLoaded(page)
    await checkLoaded(page, '/login/second-factor?with=recovery-code')
    await checkLoaded(page, '/login?notice=sign-in-expired')
    expect(complaints).toEqual([])
  })

  it('the pages on which users manage second factors are the same', { timeout: 300_000 }, async () => {
    const other = await deviceOf(await newPerson(), screen)
    await watch(other.context())
    await checkLoaded(other, '/profile/security')
    await checkLoaded(other, '/profile/security/add')
    const person = await newProtectedPerson()
    const context = await newContext(screen)
    await watch(context)
    const page = await context.newPage()
    await enterPassword(page, person)
    await page.getByLabel('Six-digit code').fill(await freshCode(person))
    await page.waitForURL(url('/dashboard'))
    // The page with everything that a user can have.
    linkGitHub(person.email)
    await addAuthenticator(page)
    await page.goto(url('/profile/security'))
    await page.getByRole('button', { name: 'Add a passkey' }).click()
    await page.getByText('The passkey is added.').waitFor()
    await check(page, 'a new passkey')
    await checkLoaded(page, '/profile/security')
    for (const label of ['Rename', 'Remove', 'Unlink']) {
      await page.locator('summary').filter({ hasText: label }).first().click()
      await check(page, label)
    }
    await page.locator('summary').filter({ hasText: 'Make new codes' }).click()
    await page.getByRole('button', { name: 'Make new codes' }).last().click()
    await page.getByText('Save your new codes now').waitFor()
    await check(page, 'new recovery codes')
    await ageSignIn(page, person.email)
    for (const path of ['security', 'security/add', 'password', 'address', 'data'])
      await checkLoaded(page, `/profile/${path}`)
    for (const path of ['/confirm', '/confirm?with=recovery-code']) await checkLoaded(page, path)
    await page.goto(url('/profile/security'))
    await page.locator('summary').filter({ hasText: 'Rename' }).last().click()
    await check(page, 'a new name')
    expect(complaints).toEqual([])
  })
})
