import type { Configuration } from '../config/configuration.ts'
import { readDevice } from '../session/device-cookie.ts'
import type { Caller } from '../session/issuer.ts'

/** Reads what the auth server should know of the browser. The address counts from the right, past the trusted proxies. */
export function callerOf(headers: Headers, config: Configuration): Caller {
  const { trustedProxyHops } = config
  const userAgent = headers.get('user-agent')
  const requestId = headers.get('x-request-id')
  return {
    address:
      trustedProxyHops === 0 ? null : forwardedAddress(headers.get('x-forwarded-for'), trustedProxyHops),
    userAgent: userAgent === null ? null : userAgent.slice(0, 512),
    requestId: requestId !== null && /^[\w-]{8,64}$/.test(requestId) ? requestId : null,
    device: readDevice(headers.get('cookie'), config),
  }
}

function forwardedAddress(header: string | null, hops: number): string | null {
  const hop = header?.split(',').at(-hops)?.trim()
  return hop && hop.length <= 45 && /^[\da-fA-F.:]+$/.test(hop) ? hop : null
}
