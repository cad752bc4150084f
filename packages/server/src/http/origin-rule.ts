import { isAllowedOrigin } from '@sallyport/protocol/allowed-origins'
import { FlowError } from '../services/flow-error.ts'
import type { Exchange } from './exchange.ts'

/**
 * The rule against cross-site requests, for everything that changes state. A request that carries one of our
 * cookies, or asks for some, comes from a page of an allowed origin. One without may come without `Origin` at all, as from a
 * native app; with a foreign one it is refused too.
 *
 * @throws FlowError `origin_refused`.
 */
export function requireAllowedOrigin({ request, config, cookies }: Exchange, wantsCookies = false): void {
  const origin = request.headers.get('origin')
  const isNeeded = wantsCookies || cookies.carried
  if (origin === null ? isNeeded : !isAllowedOrigin(config.origins, origin))
    throw new FlowError('origin_refused')
  const site = request.headers.get('sec-fetch-site')
  const allowed = config.cookieDomain ? ['same-origin', 'same-site'] : ['same-origin']
  if (isNeeded && site !== null && !allowed.includes(site)) throw new FlowError('origin_refused')
}
