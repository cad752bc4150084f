import { headers as headerNames, readCookie } from '@sallyport/protocol'
import { forwardedAddress, parseClientAddress } from '@sallyport/protocol/client-address'
import type { Config } from '../config/config.ts'
import type { Limit, RequestSource } from '../services/context.ts'
import { FlowError } from '../services/flow-error.ts'
import { deviceCookieOf } from './cookies.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Reads who is asking: what our own front end says if it proves itself, else what a trusted proxy wrote, else the socket. Nobody else is
 * believed (X04). Behind a front end or a proxy the socket is theirs: where they name no address, it is unknown.
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
    // Asked for where somebody may have to wait, and nowhere else: under Node it is only made then.
    get signal() {
      return request.signal
    },
    device: deviceIn(headers, config),
    limits,
  }
}

/**
 * Whether our own front end asks, for somebody's browser. A credential that is sent and wrong is a misconfiguration, or an attempt: were
 * it ignored, all visitors of that front end would be counted as one.
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
 * By what the browser is known again: its cookie; or the header by which our front end and clients without cookies send it. It is as
 * good as a secret: whoever knows one has been given it.
 */
function deviceIn(headers: Headers, config: Config): string | null {
  const [cookie, ...others] = readCookie(headers.get('cookie'), deviceCookieOf(config))
  const device = cookie ?? headers.get(headerNames.device)
  return device && others.length === 0 && /^[\w-]{32}$/.test(device) ? device : null
}

function clipped(text: string | null): string | null {
  return text === null ? null : text.slice(0, 512)
}
