import { describe, expect, it } from 'vitest'
import { accessibilityFaults, sidewaysOverflow } from '../system/accessibility.ts'
import {
  changePassword,
  newPassword,
  row,
  said,
  sessionPages,
  signOutOne,
  signOutOthers,
  userAgents,
} from './session-pages.ts'

const { system, newPerson, signInElsewhere, device } = sessionPages()

describe.each([
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 390 },
] as const)('$colorScheme, $width px wide', ({ colorScheme, width }) => {
  it('the page of sessions is accessible and not wider than the screen', {
    timeout: 300_000,
  }, async () => {
    const person = await newPerson()
    for (const userAgent of Object.values(userAgents)) await signInElsewhere(person, userAgent)
    const { page } = await device(person, userAgents.windows, '/profile/sessions', {
      colorScheme,
      viewport: { width, height: 844 },
      reducedMotion: 'reduce',
    })
    const check = async (what: string) => {
      expect(await accessibilityFaults(page), what).toEqual([])
      expect(await sidewaysOverflow(page), what).toBeLessThanOrEqual(0)
    }
    await check('the list')
    for (const button of ['Sign out all other sessions', 'Sign out everywhere']) {
      await page.locator('summary', { hasText: button }).click()
      await check(button)
    }
    await signOutOne(page, 'Safari on iPhone')
    await said(page, 'Safari on iPhone is signed out.')
    await row(page, 'Chrome on Android').locator('summary').click()
    await check('one ended, another open')
    await signOutOthers(page)
    await said(page, '2 sessions signed out.')
    await check('none left')
    await page.goto(`${system().webUrl}/profile/password`)
    await changePassword(page, '', '')
    await page.getByText('Enter a new password.').waitFor()
    await check('the password with errors')
    await changePassword(page, person.password, newPassword)
    await said(page, 'Your password is changed.')
    await check('a new password')
  })
})
