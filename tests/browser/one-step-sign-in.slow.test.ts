import { describe, expect, it } from 'vitest'
import { accessibilityFaults } from '../system/accessibility.ts'
import { accountPages, password } from './account-pages.ts'

const { url, open, newPerson } = accountPages({
  SALLYPORT_PASSKEYS: '0',
  SALLYPORT_MAILED_SIGN_IN: 'off',
})

describe.each([
  ['with scripts', true],
  ['without scripts', false],
])('the sign-in page with only the password, %s', (_, javaScriptEnabled) => {
  it('asks for the address and the password in one form, and shows no other way', async () => {
    const person = await newPerson()
    const page = await open('/login?returnTo=%2Fcustomers', { javaScriptEnabled })
    const main = page.getByRole('main')
    const send = () => page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('Password', { exact: true }).waitFor()
    expect(await main.getByText(/passkey|sign-in code|Continue/).count()).toBe(0)
    if (javaScriptEnabled) expect(await accessibilityFaults(page)).toEqual([])
    await send()
    await page.getByText('Enter your email address.').waitFor()
    await page.getByText('Enter your password.', { exact: true }).waitFor()
    await page.getByLabel('Email').fill(person.email)
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await send()
    await main.getByRole('alert').waitFor()
    expect(await page.getByLabel('Email').inputValue()).toBe(person.email)
    expect(await page.getByLabel('Email').isEditable()).toBe(true)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await send()
    await page.waitForURL(url('/customers'))
  })
})
