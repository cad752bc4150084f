import { describe, expect, it } from 'vitest'
import { fillAddress, fillSignIn } from '../system/browser.ts'
import { watchLayoutShifts } from '../system/layout-shift.ts'
import { accountPages, threeProviders } from './account-pages.ts'
import { expectGood, expectGoodState } from './looks.ts'

const { url, newContext } = accountPages(threeProviders)

describe.each([
  { colorScheme: 'light', width: 1280, height: 860 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const)('$colorScheme, $width px wide', ({ colorScheme, width, height }) => {
  it('every step of the sign-in is accessible, without overflow, layout shifts or errors', {
    timeout: 300_000,
  }, async () => {
    const context = await newContext({
      colorScheme,
      viewport: { width, height },
      reducedMotion: 'reduce',
    })
    await watchLayoutShifts(context)
    const complaints: string[] = []
    context.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.page()?.url()}: ${message.text()}`)
    })
    context.on('weberror', (error) => complaints.push(String(error.error())))
    const page = await context.newPage()
    for (const path of ['/login?error=identity_unlinked&returnTo=/invoices', '/login', '/signup'])
      await expectGood({ page }, url(path))
    await page.goto(url('/login'))
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    await page.locator('[aria-invalid="true"]').waitFor()
    await expectGoodState(page, 'without an address')
    await fillAddress(page, `${'a-long-name-'.repeat(5)}@example.com`)
    await page.locator('[name="password"]:focus').waitFor()
    await expectGoodState(page, 'the second step')
    await fillSignIn(page, 'ada@example.com', 'not the password')
    await page.getByRole('main').getByRole('alert').waitFor()
    await expectGoodState(page, 'a wrong password')
    await page.getByRole('button', { name: 'Email me a sign-in code' }).click()
    await page.locator('[name="code"]:focus').waitFor()
    await expectGoodState(page, 'the mailed code')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.locator('[aria-invalid="true"]').waitFor()
    await expectGoodState(page, 'without the code')
    expect(complaints).toEqual([])
  })

  it('the marks of the providers are drawings in their colors, and the browser loads no scripts for them', async () => {
    const page = await (await newContext({ colorScheme, viewport: { width, height } })).newPage()
    const scripts: string[] = []
    page.on('response', async (response) => {
      if (response.request().resourceType() === 'script') scripts.push(await response.text().catch(() => ''))
    })
    await page.goto(url('/login'), { waitUntil: 'networkidle' })
    const fillsOf = (name: string) =>
      page
        .getByRole('button', { name: `Continue with ${name}` })
        .locator('svg path')
        .evaluateAll((paths) => paths.map((path) => getComputedStyle(path).fill))
    expect(await fillsOf('Google')).toEqual([
      'rgb(66, 133, 244)',
      'rgb(52, 168, 83)',
      'rgb(251, 188, 5)',
      'rgb(235, 67, 53)',
    ])
    expect(await fillsOf('Microsoft')).toHaveLength(4)
    const [gitHub] = await fillsOf('GitHub')
    const ink = await page.evaluate(() => getComputedStyle(document.documentElement).color)
    expect(gitHub).toBe(ink)
    expect(scripts.length).toBeGreaterThan(0)
    expect(scripts.filter((script) => script.includes('M255.878 133.451'))).toEqual([])
  })
})
