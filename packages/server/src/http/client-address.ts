import { headers as headerNames, readCookie } from '@sallyport/protocol'
import { forwardedAddress, parseClientAddress } from '@sallyport/protocol/client-address'
import type { Config } from '../config/config.ts'
import type { Limit, RequestSource } from '../services/context.ts'
import { FlowError } from '../services/flow-error.ts'
import { deviceCookieOf } from './cookies.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Returns where a request comes from. If the request has the credential of our front end, the front end reports the address. Otherwise, if
 * a trusted proxy is configured, the address is the one that the proxy wrote. Otherwise it is the address of the socket. Other callers
 * cannot choose the address. Behind a front end or a proxy, the socket belongs to that front end or proxy. So if they report no address,
 * the address is unknown.
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
    // This is a getter, because Node creates the signal when it is first read. Only code that waits, such as a queue, reads it.
    get signal() {
      return request.signal
    },
    device: deviceIn(headers, config),
    limits,
  }
}

/**
 * Returns whether our front end sent this request for a browser. A wrong credential is a wrong setting or an attack, and the request is
 * refused. Otherwise all visitors of that front end would be counted as one.
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
 * Returns the device id. A browser sends it in a cookie. Our front end and clients without cookies send it in a header. The device id is as
 * secret as a credential, because only this server issues device ids.
 */
function deviceIn(headers: Headers, config: Config): string | null {
  const [cookie, ...others] = readCookie(headers.get('cookie'), deviceCookieOf(config))
  const device = cookie ?? headers.get(headerNames.device)
  return device && others.length === 0 && /^[\w-]{32}$/.test(device) ? device : null
}

function clipped(text: string | null): string | null {
  return text === null ? null : text.slice(0, 512)
}
