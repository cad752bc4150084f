import { FlowError } from '../flows/flow-error.ts'
import type { Exchange } from './exchange.ts'

/**
 * The rule against cross-site requests (DESIGN section 7). A request that carries one of our cookies, or asks for some, comes
 * from a page of an allowed origin. One without may come without `Origin` at all; with a foreign one it is refused too.
 */
export function requireAllowedOrigin({ request, config, cookies }: Exchange, wantsCookies: boolean): void {
  const origin = request.headers.get('origin')
  const needed = wantsCookies || cookies.carried
  if (origin === null ? needed : !config.origins.includes(origin)) throw new FlowError('origin_refused')
  const site = request.headers.get('sec-fetch-site')
  const allowed = config.cookieDomain ? ['same-origin', 'same-site'] : ['same-origin']
  if (needed && site !== null && !allowed.includes(site)) throw new FlowError('origin_refused')
}
