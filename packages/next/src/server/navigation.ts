import type { Config } from '../config/config.ts'
import { loginRedirect } from '../paths/login-address.ts'
import { ownPath } from '../paths/return-to.ts'
import { configAt } from '../request/config-at.ts'
import { pagePathHeader } from '../request/page-path.ts'

// Imported lazily: Next replaces this module by its bare name in each layer, and plain Node, as in an app's unit tests, cannot resolve
// that name. So the SDK can still be imported there.

/** Ends the render, action or handler with a redirect. */
async function redirect(to: string): Promise<never> {
  const navigation = await import('next/navigation')
  return navigation.redirect(to)
}

/** Ends the render, action or handler with 403 and the page `forbidden`. */
export async function forbidden(): Promise<never> {
  const navigation = await import('next/navigation')
  return navigation.forbidden()
}

/**
 * Ends the render, action or handler with a redirect to the sign-in page.
 *
 * @param returnTo The page to open afterwards, if it is one of our own paths; undefined for none.
 */
export function toLogin(all: Config, headers: Headers, returnTo?: string): Promise<never> {
  const config = configAt(all, headers) ?? all
  const { appUrl, homePath } = config
  const wanted = returnTo === undefined ? null : ownPath(returnTo, appUrl, homePath)
  const pathname = wanted === null ? headers.get(pagePathHeader) : new URL(wanted, appUrl).pathname
  return redirect(loginRedirect(config, pathname, wanted))
}
