import { isIP } from 'node:net'
import { headers as headerNames } from '@sallyport/protocol'
import type { Config } from '../config/config.ts'
import type { Caller } from '../flows/context.ts'
import { isOneOf } from './secret-comparison.ts'

/**
 * Who is asking (DESIGN section 7): our front end's word if it proves itself, else a configured number of proxy hops, else
 * the socket. Nobody else is believed (X04).
 */
export function callerOf(
  request: Request,
  { socketAddress, requestId }: { socketAddress: string | null; requestId: string },
  config: Config,
): Caller {
  const { headers, signal } = request
  const credential = headers.get(headerNames.frontendCredential)
  if (credential !== null && isOneOf(credential, config.frontendSecrets)) {
    return {
      address: canonicalAddress(headers.get(headerNames.clientAddress)),
      userAgent: clipped(headers.get(headerNames.clientUserAgent)),
      requestId,
      signal,
    }
  }
  return {
    address: forwardedAddress(headers, config) ?? canonicalAddress(socketAddress),
    userAgent: clipped(headers.get('user-agent')),
    requestId,
    signal,
  }
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
