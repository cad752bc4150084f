import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/**
 * What axe finds wrong with the page as it stands, a line each: none of WCAG 2.2 A and AA, and none of its best practice.
 * Mails in a frame are left out: they run no script, not axe's either, and are looked at by themselves.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // A soft navigation brings the title a moment after the page.
  await page.waitForFunction(() => document.title !== '')
  const { violations } = await new AxeBuilder({ page })
    .exclude('iframe')
    .options({ resultTypes: ['violations'] })
    .withTags(standards)
    // Otherwise it opens a page of its own for every look, which only frames of other origins need.
    .setLegacyMode(page.frames().length === 1)
    .analyze()
  return violations.map(({ id, nodes }) => `${id} ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** How many pixels are to be reached by scrolling sideways only. */
export function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
