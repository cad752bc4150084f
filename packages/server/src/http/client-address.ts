import { headers as headerNames, readCookie } from '@sallyport/protocol'
import { forwardedAddress, parseClientAddress } from '@sallyport/protocol/client-address'
import type { Config } from '../config/config.ts'
import type { Limit, RequestSource } from '../services/context.ts'
import { FlowError } from '../services/flow-error.ts'
import { deviceCookieOf } from './cookies.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Returns where a request comes from: what our front end reports if it has its credential, else what a trusted proxy wrote, else the
 * socket. Other callers cannot set it. Behind a front end or a proxy the socket is theirs: if they name no address, it is unknown.
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
    // A getter, because Node creates the signal at its first use: only code that may wait reads it.
    get signal() {
      return request.signal
    },
    device: deviceIn(headers, config),
    limits,
  }
}

/**
 * Whether our front end sent this request for a browser. A wrong credential is a misconfiguration or an attack. It is refused, because all
 * visitors of that front end would otherwise be counted as one.
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
 * The device id: from its cookie, or from the header in which our front end and clients without cookies send it. It is as secret as a
 * credential: only this server issues one.
 */
function deviceIn(headers: Headers, config: Config): string | null {
  const [cookie, ...others] = readCookie(headers.get('cookie'), deviceCookieOf(config))
  const device = cookie ?? headers.get(headerNames.device)
  return device && others.length === 0 && /^[\w-]{32}$/.test(device) ? device : null
}

function clipped(text: string | null): string | null {
  return text === null ? null : text.slice(0, 512)
}
