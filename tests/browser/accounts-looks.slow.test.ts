import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import { layoutShift, watchLayoutShifts } from '../system/layout-shift.ts'
import { accountPages, newAddress } from './account-pages.ts'

const { url, open, sendSignUp, openMail, newPerson, deviceOf } = accountPages()

const otherPassword = 'copper lantern drizzle nine'

describe.each([
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 390, height: 844 },
] as const)('$colorScheme, $width px wide', ({ colorScheme, width, height }) => {
  const screen = { colorScheme, viewport: { width, height }, reducedMotion: 'reduce' as const }

  async function check(page: Page, what: string): Promise<void> {
    expect(await accessibilityFaults(page), what).toEqual([])
    expect(await sidewaysOverflow(page), what).toBeLessThanOrEqual(0)
  }

  it('every page and state is accessible, without overflow, layout shifts or errors', {
    timeout: 300_000,
  }, async () => {
    const complaints: string[] = []
    const watch = async (context: BrowserContext) => {
      context.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${message.page()?.url()}: ${message.text()}`)
      })
      context.on('weberror', (error) => complaints.push(String(error.error())))
      await watchLayoutShifts(context)
    }
    const settled = async (page: Page, path: string) => {
      await page.goto(url(path), { waitUntil: 'networkidle' })
      await page.getByRole('heading', { level: 1 }).first().waitFor()
      await check(page, path)
      expect(await layoutShift(page), path).toBeLessThan(0.01)
    }
    const person = await newPerson()
    const page = await deviceOf(person, screen)
    await watch(page.context())
    for (const path of ['password', 'address', 'activity', 'data']) await settled(page, `/profile/${path}`)
    await page.getByText('Delete your account').last().click()
    await page.getByRole('button', { name: 'Delete my account' }).click()
    await page.locator('[aria-invalid="true"]').waitFor()
    await check(page, 'deleting, refused')
    await page.goto(url('/profile/password'))
    await page.getByRole('textbox', { name: 'New password', exact: true }).pressSequentially('open the')
    await page.getByRole('button', { name: 'Change password' }).click()
    await page.locator('[aria-invalid="true"]').waitFor()
    await check(page, 'the password, refused')

    const stranger = await open('/', screen)
    await watch(stranger.context())
    const paths = [
      '/signup',
      '/signup/passkey',
      '/verify',
      '/verify/again',
      '/forgot',
      '/login/code',
      '/login/link',
      '/reset',
      '/verify-new-address',
      '/inbox',
    ]
    for (const path of [...paths, '/deleted', `/verify#token=${'x'.repeat(43)}`])
      await settled(stranger, path)
    const newcomer = newAddress()
    await sendSignUp(stranger, newcomer)
    await check(stranger, 'check your mail')
    await stranger.goto(url(`/reset#token=${'x'.repeat(43)}`))
    await stranger.getByRole('textbox', { name: 'New password', exact: true }).fill(otherPassword)
    await stranger.getByRole('button', { name: 'Set password' }).click()
    await stranger.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
    await check(stranger, 'an expired link')
    await stranger.goto(url(`/verify-new-address#token=${'x'.repeat(43)}`))
    await stranger.getByRole('button', { name: 'Use this address' }).click()
    await stranger.locator('[aria-invalid="true"][name="password"]').waitFor()
    await check(stranger, 'a new address, refused')
    await settled(stranger, '/verify-new-address?notice=confirmed')
    await openMail(stranger, newcomer, /Confirm your email address/)
    await check(stranger, 'a mail')
    expect(complaints).toEqual([])
  })
})
