import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { accessibilityFaults, sidewaysOverflow, wcag } from './accessibility.ts'
import { launchBrowser } from './browser.ts'
import { layoutShift, watchLayoutShifts } from './layout-shift.ts'

// The checks of pages must find a bad page.
let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

async function open(html: string): Promise<Page> {
  const context = await browser.newContext()
  await watchLayoutShifts(context)
  const page = await context.newPage()
  await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: html }))
  await page.goto('http://page.test/')
  return page
}

const good =
  '<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1><p>Some words.</p></main></html>'

it('a good page has no fault', async () => {
  const page = await open(good)
  expect(await accessibilityFaults(page)).toEqual([])
  expect(await sidewaysOverflow(page)).toBe(0)
  expect(await layoutShift(page)).toBe(0)
})

it('finds faults by the given rules, except within frames', async () => {
  const frame = '<iframe title="A mail" srcdoc="<img src=x>"></iframe>'
  for (const beside of ['', frame]) {
    const page = await open(good.replace('</h1>', `</h1><img src="data:,"><h6>Deep</h6>${beside}`))
    expect(await accessibilityFaults(page, wcag)).toEqual(['image-alt img'])
    expect(await accessibilityFaults(page)).toEqual(['heading-order h6', 'image-alt img'])
  }
})

it('waits for a title that is set late', async () => {
  const late = `<script>setTimeout(() => { document.title = 'Late' }, 300)</script>`
  const page = await open(good.replace('<title>A page</title>', late))
  expect(await accessibilityFaults(page)).toEqual([])
})

it('measures overflow and layout shift', async () => {
  const wide = await open(good.replace('<p>', '<p style="width: 3000px">'))
  expect(await sidewaysOverflow(wide)).toBeGreaterThan(1_000)
  const moves = `<script>requestAnimationFrame(() => requestAnimationFrame(() => document.querySelector('h1').before(Object.assign(document.createElement('div'), { style: 'height: 300px' }))))</script>`
  const moving = await open(good.replace('</main>', `</main>${moves}`))
  await expect.poll(() => layoutShift(moving)).toBeGreaterThan(0.01)
})
