import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** WCAG 2.2, A and AA. */
export const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/**
 * What axe finds wrong with the page as it stands, a line each, by WCAG and by what axe calls best practice. Mails in a frame are left
 * out: they run no script, not axe's either, and are looked at by themselves.
 */
export async function accessibilityFaults(
  page: Page,
  rules: readonly string[] = [...wcag, 'best-practice'],
): Promise<string[]> {
  // A soft navigation takes the title away, and brings the new one a moment after the page.
  await page.waitForFunction(() => document.title !== '')
  const { violations } = await new AxeBuilder({ page })
    .exclude('iframe')
    .options({ resultTypes: ['violations'] })
    .withTags([...rules])
    // Otherwise it opens a page of its own for every look, which only frames of other origins need.
    .setLegacyMode(page.frames().length === 1)
    .analyze()
  // It was taken away since: look again once it is there. Where it never comes, this waits until the test is out of time.
  if (violations.some(({ id }) => id === 'document-title')) return accessibilityFaults(page, rules)
  return violations.map(({ id, nodes }) => `${id} ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** How many pixels are to be reached by scrolling sideways only. */
export function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
