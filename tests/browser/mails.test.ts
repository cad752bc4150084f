import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { previews } from '../../scripts/mails/previews.ts'
import { accessibilityFaults, wcag } from '../system/accessibility.ts'
import { launchBrowser } from '../system/browser.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

const mails = previews()

describe.each([
  { colorScheme: 'light', width: 1024 },
  { colorScheme: 'dark', width: 390 },
] as const)('mails, $colorScheme, $width px wide', ({ colorScheme, width }) => {
  it('can be read by everybody, ask nobody for anything, and are no wider than the screen', async () => {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', ({ url }) => asked.push(url()))
    for (const { name, html } of mails) {
      await page.setContent(html)
      expect(await accessibilityFaults(page, wcag), name).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width)
    }
    expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([])
    await context.close()
  })
})

it('every mail says the same as text, and its link stands in both', () => {
  for (const { name, html, text } of mails) {
    const [link] = /https:\S+/.exec(text) ?? []
    if (link !== undefined) expect(html, name).toContain(`href="${link.replace('&', '&#38;')}"`)
    const words = html.replace(/<(?:style|title)>[\s\S]*?<\/(?:style|title)>/g, '').replace(/<[^>]+>/g, ' ')
    for (const line of text
      .split('\n\n')
      .filter((block) => !block.includes('https:') && !block.startsWith('--')))
      expect(
        words.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
        name,
      ).toContain(line.trim())
  }
})
