import type { Config } from '../config/config.ts'
import { loginRedirect } from '../paths/login-address.ts'
import { ownPath } from '../paths/return-to.ts'
import { configAt } from '../request/config-at.ts'
import { pagePathHeader } from '../request/page-path.ts'

// The module `next/navigation` is imported only when it is needed. Next replaces this module in each of its layers, and recognizes the
// module by exactly this name. Without Next, for example in an app's unit tests, Node cannot resolve this name. With a lazy import, such a
// test can still import the SDK.

/** Ends the render, action or handler with a redirect. */
async function redirect(to: string): Promise<never> {
  const navigation = await import('next/navigation')
  return navigation.redirect(to)
}

/** Ends the render, action or handler with status 403 and Next's page `forbidden`. */
export async function forbidden(): Promise<never> {
  const navigation = await import('next/navigation')
  return navigation.forbidden()
}

/** Ends the render, action or handler with status 404 and Next's page `not-found`. */
export async function notFound(): Promise<never> {
  const navigation = await import('next/navigation')
  return navigation.notFound()
}

/**
 * Ends the render, action or handler with a redirect to the sign-in page.
 *
 * @param returnTo The page to open after sign-in. If it is not a path on our own origin, `homePath` is opened. If it is undefined, the
 * address has no `returnTo`.
 */
export function toLogin(all: Config, headers: Headers, returnTo?: string): Promise<never> {
  return toPage(configAt(all, headers) ?? all, headers, returnTo)
}

/** Ends the render, action or handler with a redirect to the confirm page. The arguments are those of {@link toLogin}. */
export function toConfirm(all: Config, headers: Headers, returnTo?: string): Promise<never> {
  const config = configAt(all, headers) ?? all
  return toPage({ ...config, loginPath: config.confirmPath }, headers, returnTo)
}

function toPage(config: Config, headers: Headers, returnTo: string | undefined): Promise<never> {
  const { appUrl, homePath } = config
  const wanted = returnTo === undefined ? null : ownPath(returnTo, appUrl, homePath)
  const pathname = wanted === null ? headers.get(pagePathHeader) : new URL(wanted, appUrl).pathname
  return redirect(loginRedirect(config, pathname, wanted))
}
