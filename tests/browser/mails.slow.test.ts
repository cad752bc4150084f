import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser } from '../system/browser.ts'
import { expectReadableMails, mails } from './mail-looks.ts'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser?.close())

// On a wide screen in light colours: looks.slow.test.ts.
it('mails in dark colours on a phone are accessible and load nothing', () =>
  expectReadableMails(browser, { colorScheme: 'dark', width: 390 }))

it('every mail has the same text as HTML and as plain text, with its link in both', () => {
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
