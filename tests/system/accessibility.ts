import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** WCAG 2.2, A and AA. */
export const wcag = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/**
 * Returns the faults that axe finds on the page now, by WCAG and by axe's best practices. Each fault is one line. Mails in a frame are left
 * out: they run no script, so axe cannot run in them, and they are checked separately.
 */
export async function accessibilityFaults(
  page: Page,
  rules: readonly string[] = [...wcag, 'best-practice'],
): Promise<string[]> {
  // A client-side navigation removes the title, and sets the new title a moment after it has shown the new page.
  await page.waitForFunction(() => document.title !== '')
  const { violations } = await new AxeBuilder({ page })
    .exclude('iframe')
    .options({ resultTypes: ['violations'] })
    .withTags([...rules])
    // Without this line, axe opens an additional page for every check. Only pages with frames of other origins need that.
    .setLegacyMode(page.frames().length === 1)
    .analyze()
  // The title was removed in the meantime. Check again when it is there. If it never comes, the test times out.
  if (violations.some(({ id }) => id === 'document-title')) return accessibilityFaults(page, rules)
  return violations.map(({ id, nodes }) => `${id} ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

/** Returns how many pixels can only be reached by scrolling sideways. */
export function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
