import type { Configuration } from '../config/configuration.ts'
import { loginRedirect } from '../paths/login-address.ts'
import { ownPath } from '../paths/return-to.ts'
import { configurationAt } from '../request/configuration-at.ts'
import { pagePathHeader } from '../request/page-path.ts'
import { redirect } from './navigation.ts'

/**
 * Ends the render, action or handler with a redirect to the sign-in page.
 *
 * @param returnTo Where to go afterwards, if one of our own paths; undefined for nowhere.
 */
export function toLogin(all: Configuration, headers: Headers, returnTo?: string): Promise<never> {
  const config = configurationAt(all, headers) ?? all
  const { appUrl, homePath } = config
  const wanted = returnTo === undefined ? null : ownPath(returnTo, appUrl, homePath)
  const pathname = wanted === null ? headers.get(pagePathHeader) : new URL(wanted, appUrl).pathname
  return redirect(loginRedirect(config, pathname, wanted))
}
