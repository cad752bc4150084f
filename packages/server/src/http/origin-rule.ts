import { isAllowedOrigin } from '@sallyport/protocol/allowed-origins'
import { FlowError } from '../services/flow-error.ts'
import type { Exchange } from './exchange.ts'

/**
 * Checks the origin of a request that changes state. If the request has one of our cookies, or requests some, it must have an allowed
 * origin. Without cookies it may have no `Origin`, as from a native app; a foreign origin is refused.
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
