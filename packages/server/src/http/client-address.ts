import { headers as headerNames, readCookie } from '@sallyport/protocol'
import { forwardedAddress, parseClientAddress } from '@sallyport/protocol/client-address'
import type { Config } from '../config/config.ts'
import type { Caller, Limit } from '../flows/context.ts'
import { FlowError } from '../flows/flow-error.ts'
import { deviceCookieOf } from './cookies.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Reads who is asking: what our own front end says if it proves itself, else what a trusted proxy wrote, else the socket. Nobody else is
 * believed (X04). Behind a front end or a proxy the socket is theirs: where they name no address, it is unknown.
 */
export function callerOf(
  request: Request,
  { socketAddress, requestId, limits }: { socketAddress: string | null; requestId: string; limits: Limit[] },
  config: Config,
): Caller {
  const { headers, signal } = request
  const device = deviceIn(headers, config)
  if (isFrontend(headers, config)) {
    return {
      address: parseClientAddress(headers.get(headerNames.clientAddress)),
      userAgent: clipped(headers.get(headerNames.clientUserAgent)),
      requestId,
      signal,
      device,
      limits,
    }
  }
  return {
    address:
      config.trustedProxyHops === 0
        ? parseClientAddress(socketAddress)
        : forwardedAddress(headers.get('x-forwarded-for'), config.trustedProxyHops),
    userAgent: clipped(headers.get('user-agent')),
    requestId,
    signal,
    device,
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
