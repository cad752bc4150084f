import { forwardedAddress } from '@sallyport/protocol/client-address'
import { untrustedProxyNotice } from '@sallyport/protocol/trusted-proxy-hops'
import type { Config } from '../config/config.ts'
import type { BrowserDetails } from '../session/auth-server-client.ts'
import { readDevice } from '../session/device-cookie.ts'

/**
 * Returns what the auth server needs to know about the browser. In `X-Forwarded-For`, each trusted proxy has added one address at the right
 * end. So the browser's IP address is found by counting from the right.
 */
export function browserDetailsOf(headers: Headers, config: Config): BrowserDetails {
  const { trustedProxyHops } = config
  const forwarded = headers.get('x-forwarded-for')
  if (trustedProxyHops === 0) warnOfUntrustedProxy(forwarded)
  const userAgent = headers.get('user-agent')
  const requestId = headers.get('x-request-id')
  return {
    address: forwardedAddress(forwarded, trustedProxyHops),
    userAgent: userAgent === null ? null : userAgent.slice(0, 512),
    requestId: requestId !== null && /^[\w-]{8,64}$/.test(requestId) ? requestId : null,
    device: readDevice(headers.get('cookie'), config),
  }
}

/** The flag is stored on `globalThis`, because Next bundles this module separately into `proxy.ts`, pages and handlers. */
const warned = Symbol.for('sallyport.untrusted-proxy-warned')
const onProcess = globalThis as { [warned]?: true }

function warnOfUntrustedProxy(forwarded: string | null): void {
  if (onProcess[warned]) return
  const notice = untrustedProxyNotice(forwarded)
  if (notice === null) return
  onProcess[warned] = true
  console.error(`Sallyport: ${notice}`)
}
