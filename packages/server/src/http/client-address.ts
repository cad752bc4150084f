import { headers as headerNames, readCookie } from '@sallyport/protocol'
import { forwardedAddress, parseClientAddress } from '@sallyport/protocol/client-address'
import type { Config } from '../config/config.ts'
import type { Limit, RequestSource } from '../services/context.ts'
import { FlowError } from '../services/flow-error.ts'
import { deviceCookieOf } from './cookies.ts'
import type { Exchange } from './exchange.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Returns the source of a request: its IP address, its user agent, its device and more. If the request has the credential of our Next front
 * end, the front end reports the address. Otherwise, if a trusted proxy is configured, the address is the one that the proxy added to
 * `X-Forwarded-For`. Otherwise it is the address of the socket. So no other caller can choose the address. Behind a front end or a proxy,
 * the socket is that of the front end or proxy. So if the front end or proxy reports no address, the address is unknown.
 */
export function sourceOf(
  request: Request,
  { socketAddress, requestId, limits }: { socketAddress: string | null; requestId: string; limits: Limit[] },
  config: Config,
): RequestSource {
  const { headers } = request
  const isOurs = isFrontend(headers, config)
  return {
    address: isOurs
      ? parseClientAddress(headers.get(headerNames.clientAddress))
      : config.trustedProxyHops === 0
        ? parseClientAddress(socketAddress)
        : forwardedAddress(headers.get('x-forwarded-for'), config.trustedProxyHops),
    userAgent: clipped(headers.get(isOurs ? headerNames.clientUserAgent : 'user-agent')),
    requestId,
    // This is a getter, because Node creates the signal only when the property is first read. Only code that waits, such as a queue, reads
    // it.
    get signal() {
      return request.signal
    },
    device: deviceIn(headers, config),
    limits,
  }
}

/**
 * Returns whether our Next front end sent this request for a browser. A request with a wrong credential is refused, because the cause is a
 * wrong setting or an attack. With a wrong setting, all visitors of the front end would otherwise be counted as one.
 *
 * @throws FlowError `frontend_refused`.
 */
export function isFrontend(headers: Headers, { frontendSecrets }: Config): boolean {
  const credential = headers.get(headerNames.frontendCredential)
  if (credential === null) return false
  const reason = refusalOf([credential], frontendSecrets, 'SALLYPORT_FRONTEND_SECRET')
  if (reason !== null) throw new FlowError('frontend_refused', { reason })
  return true
}

/**
 * Requires the credential of our Next front end. Browsers do not have it, so the response never reaches a script, even if a script has the
 * access token or the cookies of the user.
 *
 * @throws FlowError `frontend_refused`.
 */
export function requireFrontend({ request, config }: Pick<Exchange, 'request' | 'config'>): void {
  if (!isFrontend(request.headers, config))
    throw new FlowError('frontend_refused', { reason: 'the credential of the front end is missing' })
}

/**
 * Returns the id by which the server recognises a browser or app that has signed in before (see flows/session/devices.ts). A browser sends
 * the id in a cookie. Our front end and clients without cookies send it in a header. A request with the id of another browser counts as a
 * request of that browser, so the id must stay secret. Returns null if there is no id, if the cookie occurs twice, or if the id has a wrong
 * form.
 */
function deviceIn(headers: Headers, config: Config): string | null {
  const [cookie, ...others] = readCookie(headers.get('cookie'), deviceCookieOf(config))
  const device = cookie ?? headers.get(headerNames.device)
  return device && others.length === 0 && /^[\w-]{32}$/.test(device) ? device : null
}

function clipped(text: string | null): string | null {
  return text === null ? null : text.slice(0, 512)
}
