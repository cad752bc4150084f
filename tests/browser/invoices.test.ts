import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { type RunningExample, runningExample } from '../system/example/running-example.ts'
import { demoPerson, signIn } from '../system/people.ts'

let system: RunningExample
let browser: Browser
let context: BrowserContext
let page: Page
beforeAll(async () => {
  ;[system, browser] = await Promise.all([runningExample(), launchBrowser()])
  context = await browser.newContext()
  await signIn(context, system, demoPerson('finance'))
  page = await context.newPage()
})
afterAll(() => browser?.close())

describe('the pages of the dashboard', () => {
  it('filters are in the URL: they survive a reload and the back button', async () => {
    await page.goto(`${system.webUrl}/invoices?status=paid`)
    await page.getByRole('heading', { name: 'Invoices', level: 1 }).waitFor()
    const texts = await page.getByRole('row').allInnerTexts()
    expect(texts.length).toBeGreaterThan(5)
    for (const text of texts.slice(1)) expect(text).toMatch(/paid/i)
    await page.reload()
    expect(await page.getByRole('row').allInnerTexts()).toEqual(texts)
    await page.goto(`${system.webUrl}/invoices?status=open`)
    await page.getByRole('row').nth(5).waitFor()
    expect(await page.getByRole('row').allInnerTexts()).not.toEqual(texts)
    await page.goBack()
    await page.getByRole('row').nth(5).waitFor()
    expect(page.url()).toBe(`${system.webUrl}/invoices?status=paid`)
    expect(await page.getByRole('row').allInnerTexts()).toEqual(texts)
  })

  it('an invoice is created, found, and voided once', async () => {
    await page.goto(`${system.webUrl}/invoices/new`)
    const customer = page.getByLabel('Customer')
    await customer.selectOption({ index: 1 })
    await page.getByLabel('Description').first().fill('Advice on two doors')
    await page.getByLabel('Quantity').first().fill('2')
    await page
      .getByLabel(/unit price/i)
      .first()
      .fill('1250.50')
    await page.getByRole('button', { name: /create/i }).click()
    await page.waitForURL(/\/invoices\/(?!new)[^/?]+/)
    await page.getByText('Advice on two doors').first().waitFor()
    await page.getByText('$2,501.00').first().waitFor()
    const invoice = page.url()
    const [number = ''] = /INV-\d+-\d+/.exec(await page.getByRole('main').innerText()) ?? []
    expect(number).not.toBe('')
    await page.goto(`${system.webUrl}/invoices?search=${number}`)
    await page.getByRole('row').filter({ hasText: number }).first().waitFor()
    await page.goto(invoice)

    await page.getByRole('button', { name: /^void/i }).first().click()
    await page
      .getByRole('dialog')
      .or(page.getByRole('alertdialog'))
      .getByRole('button', { name: /void/i })
      .click()
    await page
      .getByText(/voided?/i)
      .first()
      .waitFor()
    await page.reload()
    expect(await page.getByRole('button', { name: /^void/i }).count()).toBe(0)
  })

  it('the export streams through the front end as CSV, with the filter', async () => {
    const answer = await context.request.get(`${system.webUrl}/api/invoices.csv?status=paid`)
    expect(answer.status()).toBe(200)
    expect(answer.headers()['content-type']).toContain('text/csv')
    expect(answer.headers()['content-disposition']).toContain('attachment')
    expect(answer.headers()['cache-control']).toContain('no-store')
    const lines = (await answer.text()).trim().split(/\r?\n/)
    expect(lines.length).toBeGreaterThan(1000)
    for (const line of lines.slice(1, 50)) expect(line).toContain('paid')
  })
})
