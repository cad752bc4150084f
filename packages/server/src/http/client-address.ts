import { isIP } from 'node:net'
import { headers as headerNames, readCookie } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { Caller, Limit } from '../flows/context.ts'
import { FlowError } from '../flows/flow-error.ts'
import { deviceCookieOf } from './cookies.ts'
import { refusalOf } from './secret-comparison.ts'

/**
 * Who is asking (DESIGN section 7): our front end's word if it proves itself, else a configured number of proxy hops, else
 * the socket. Nobody else is believed (X04).
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
      address: canonicalAddress(headers.get(headerNames.clientAddress)),
      userAgent: clipped(headers.get(headerNames.clientUserAgent)),
      requestId,
      signal,
      device,
      limits,
    }
  }
  return {
    address: forwardedAddress(headers, config) ?? canonicalAddress(socketAddress),
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

/** What the outermost of our own proxies has seen: so many entries from the right. What stands left of it anybody can write. */
function forwardedAddress(headers: Headers, { trustedProxyHops }: Config): string | null {
  if (trustedProxyHops === 0) return null
  return canonicalAddress(headers.get('x-forwarded-for')?.split(',').at(-trustedProxyHops)?.trim() ?? null)
}

/** An address in one spelling, without port and zone; null if it is none. */
function canonicalAddress(text: string | null): string | null {
  if (text === null || text.length > 64) return null
  const bare = text.replace(/^\[([^\]]*)\](?::\d+)?$|^([^:]+):\d+$/, '$1$2').toLowerCase()
  const mapped = bare.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/, '')
  return isIP(mapped) !== 0 && !mapped.includes('%') ? mapped : null
}

function clipped(text: string | null): string | null {
  return text === null ? null : text.slice(0, 512)
}
