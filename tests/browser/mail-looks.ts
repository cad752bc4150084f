import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import { previews } from '../../scripts/mails/previews.ts'
import { accessibilityFaults, wcag } from '../system/accessibility.ts'

export const mails = previews()

/** Checks every mail as a mail program with this screen shows it. */
export async function expectReadableMails(
  browser: Browser,
  { colorScheme, width }: { colorScheme: 'light' | 'dark'; width: number },
): Promise<void> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } })
  const page = await context.newPage()
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  for (const { name, html } of mails) {
    await page.setContent(html)
    expect(await accessibilityFaults(page, wcag), name).toEqual([])
    expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(width)
  }
  expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([])
  await context.close()
}
