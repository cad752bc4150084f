import type { BrowserContextOptions, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { fillAddress } from '../system/browser.ts'
import { authenticatorPages } from './authenticator-pages.ts'

const { url, open, openMail, newPerson, copiedLink, newProtectedPerson, freshCode } = authenticatorPages()
const subject = /Sign in to Ledgerline/

/** Requests a mail on the sign-in page. */
async function request(page: Page, email: string): Promise<void> {
  await page.goto(url('/login?returnTo=/invoices'))
  await fillAddress(page, email)
  await page.getByRole('button', { name: 'Email me a sign-in code' }).click()
  await page.getByRole('heading', { name: 'Enter the code' }).waitFor()
}

/** Returns the code and the link of the newest mail, read in another browser. */
async function mailTo(email: string): Promise<{ code: string; link: string }> {
  const reader = await open('/inbox')
  const link = await copiedLink(reader, email, subject, 'Sign in')
  const code = await reader
    .frameLocator('iframe')
    .getByText(/^\d{6}$/)
    .textContent()
  await reader.context().close()
  return { code: code ?? '', link }
}

const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

async function enter(page: Page, code: string): Promise<void> {
  await page.waitForLoadState()
  await page.getByLabel('Code from the mail').fill(code)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

describe.each<[string, BrowserContextOptions]>([
  ['with scripts', {}],
  ['without scripts', { javaScriptEnabled: false }],
])('the code from the mail, %s', (_, options) => {
  it('signs in after a wrong code, and the user continues to the page that they requested', async () => {
    const { email } = await newPerson()
    const page = await open('/', options)
    await request(page, email)
    const { code } = await mailTo(email)
    const field = page.getByLabel('Code from the mail')
    expect(await field.getAttribute('autocomplete')).toBe('one-time-code')
    expect(await field.getAttribute('inputmode')).toBe('numeric')
    await enter(page, otherThan(code))
    await page.getByText('This is not the code in the mail. You can try 4 more times.').waitFor()
    // As it is pasted from a mail program that groups the digits.
    await enter(page, `${code.slice(0, 3)} ${code.slice(3)}`)
    await page.waitForURL(url('/invoices'))
    expect(await (await page.request.get(url('/api/user/profile'))).json()).toMatchObject({ user: { email } })
  })

  it('is refused after five wrong codes, and a new one can be requested', async () => {
    const { email } = await newPerson()
    const page = await open('/', options)
    await request(page, email)
    const { code } = await mailTo(email)
    for (const left of ['4 more times', '3 more times', '2 more times', 'once more']) {
      await enter(page, otherThan(code))
      await page.getByText(`You can try ${left}.`).waitFor()
    }
    await enter(page, otherThan(code))
    await page.getByText('There were too many wrong codes. Ask for a new mail.').waitFor()
    expect(await page.getByLabel('Email').inputValue()).toBe(email)
    await page.getByRole('button', { name: 'Email me a sign-in code' }).click()
    await page.getByRole('heading', { name: 'Enter the code' }).waitFor()
    await enter(page, (await mailTo(email)).code)
    await page.waitForURL(/\/invoices$/)
  })

  it('is refused in a browser that has not requested it', async () => {
    const [{ email }, other] = [await newPerson(), await newPerson()]
    const [page, elsewhere] = [await open('/', options), await open('/', options)]
    await request(page, email)
    await request(elsewhere, other.email)
    const { code } = await mailTo(email)
    await enter(elsewhere, code)
    await elsewhere.getByText('This is not the code in the mail.').waitFor()
    // Without a request, there is no field for a code.
    const third = await open('/login/code', options)
    await third.getByRole('heading', { name: 'Sign in by mail' }).waitFor()
    expect(await third.getByLabel('Code from the mail').count()).toBe(0)
    await enter(page, code)
    await page.waitForURL(/\/invoices$/)
  })
})

it('the code can still be entered after a reload, and the page says the same for an unknown address', async () => {
  const { email } = await newPerson()
  const page = await open('/')
  await request(page, email)
  const known = await page.getByRole('main').innerText()
  await page.reload()
  await page.getByRole('link', { name: 'Enter it' }).click()
  await page.waitForURL(/\/login\/code/)
  await enter(page, (await mailTo(email)).code)
  await page.waitForURL(/\/(dashboard|invoices)$/)
  const stranger = await open('/')
  const unknown = `nobody-${crypto.randomUUID()}@example.com`
  await request(stranger, unknown)
  expect((await stranger.getByRole('main').innerText()).replace(unknown, email)).toBe(known)
})

it('a page of its own requests the mail too, and takes the code', async () => {
  const { email } = await newPerson()
  const page = await open('/login/code?returnTo=/invoices')
  await page.getByLabel('Email').fill(email)
  await page.getByRole('button', { name: 'Email me a code' }).click()
  await page.getByRole('heading', { name: 'Enter the code' }).waitFor()
  await enter(page, (await mailTo(email)).code)
  await page.waitForURL(url('/invoices'))
})

describe('the link from the mail', () => {
  it('signs in another browser after a click, and ends the code', async () => {
    const { email } = await newPerson()
    const page = await open('/')
    await request(page, email)
    const { code, link } = await mailTo(email)
    const other = await open('/')
    await other.goto(link)
    await other.getByText('another browser than this one').waitFor()
    expect(other.url()).toBe(url('/login/link'))
    await other.getByText(email).waitFor()
    await other.getByText(/^Chrom.* on Linux/).waitFor()
    await other.getByRole('button', { name: 'Sign in to Ledgerline' }).click()
    await other.waitForURL(url('/dashboard'))
    await enter(page, code)
    await page.getByText('This code does not work any more').waitFor()
    await other.goto(link)
    await other.getByRole('heading', { name: 'This link does not work any more' }).waitFor()
  })

  it('is not used up by a mail scanner that opens it and runs all scripts', async () => {
    const { email } = await newPerson()
    const page = await open('/')
    await request(page, email)
    const { link } = await mailTo(email)
    for (const method of ['GET', 'HEAD']) expect((await fetch(link, { method })).status).toBe(200)
    for (let visit = 0; visit < 3; visit += 1) {
      const scanner = await open('/')
      await scanner.goto(link, { waitUntil: 'networkidle' })
      // Its scripts have run: the page shows which sign-in the link confirms.
      await scanner.getByText(email).waitFor()
      const cookies = await scanner.context().cookies()
      expect(cookies.filter(({ name }) => /Token|sallyport/.test(name))).toEqual([])
      await scanner.context().close()
    }
    const reader = await open('/')
    await reader.goto(link)
    await reader.getByRole('button', { name: 'Sign in to Ledgerline' }).click()
    await reader.waitForURL(url('/dashboard'))
  })

  it('works in the browser that requested it, from the mail, and without scripts by pasting it', async () => {
    const { email } = await newPerson()
    const page = await open('/')
    await request(page, email)
    await openMail(page, email, subject)
    await page.frameLocator('iframe').getByRole('link', { name: 'Sign in' }).click()
    await page.getByText('this browser').waitFor()
    await page.getByRole('button', { name: 'Sign in to Ledgerline' }).click()
    await page.waitForURL(url('/dashboard'))
    const plain = await open('/', { javaScriptEnabled: false })
    await request(plain, email)
    const { link } = await mailTo(email)
    await plain.goto(link)
    await plain.getByLabel('Link from the mail').fill(link)
    await plain.getByRole('button', { name: 'Continue' }).click()
    await plain.getByText(email).waitFor()
    await plain.getByRole('button', { name: 'Sign in to Ledgerline' }).click()
    // Without scripts, the fragment stays in the address. The link is used up.
    await plain.waitForURL(/\/dashboard(?:#|$)/)
  })
})

it.each(['code', 'link'])('a second factor is asked for after the %s', async (way) => {
  const person = await newProtectedPerson()
  const page = await open('/')
  await request(page, person.email)
  const { code, link } = await mailTo(person.email)
  if (way === 'code') await enter(page, code)
  else {
    await page.goto(link)
    await page.getByRole('button', { name: 'Sign in to Ledgerline' }).click()
  }
  await page.waitForURL(/\/login\/second-factor/)
  expect((await page.request.get(url('/api/user/profile'))).status()).toBe(401)
  await page.getByLabel('Six-digit code').fill(await freshCode(person))
  await page.waitForURL(way === 'code' ? url('/invoices') : url('/dashboard'))
})
