import { isAllowedOrigin } from '@sallyport/protocol/allowed-origins'
import { FlowError } from '../services/flow-error.ts'
import type { Exchange } from './exchange.ts'

/**
 * Checks the origin of a request that changes state. If the request has a cookie of Sallyport, or if its response sets cookies
 * (`wantsCookies`), the request must have an allowed origin. If it also has the header `Sec-Fetch-Site`, the value must be `same-origin`,
 * or `same-site` if the cookies have a domain. Without cookies, the header `Origin` may be missing, as in requests of a native app. An
 * origin that is not allowed is always refused.
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
