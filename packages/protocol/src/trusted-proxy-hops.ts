import { parseClientAddress } from './client-address.ts'
import { isLoopbackHost } from './loopback.ts'

const maxHops = 10

/** The end of an error message that says which numbers of trusted proxies are allowed. */
export const trustedProxyHopsRule = `must be a whole number from 0 to ${maxHops}`

/** Parses the number of trusted proxies in a setting. The value is a number or its decimal text. Returns null for anything else. */
export function parseTrustedProxyHops(value: unknown): number | null {
  const hops = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value
  return typeof hops === 'number' && Number.isInteger(hops) && hops >= 0 && hops <= maxHops ? hops : null
}

/**
 * Returns how many reverse proxies are in front of this process: the value of the option, else of `SALLYPORT_TRUSTED_PROXY_HOPS`, else 0.
 * An empty variable counts as not set.
 *
 * @throws TypeError if the value is not a whole number from 0 to 10.
 */
export function readTrustedProxyHops(
  option: number | undefined,
  env: Readonly<Record<string, string | undefined>>,
): number {
  const hops = parseTrustedProxyHops(option ?? (env.SALLYPORT_TRUSTED_PROXY_HOPS || 0))
  if (hops === null) throw new TypeError(`SALLYPORT_TRUSTED_PROXY_HOPS ${trustedProxyHopsRule}.`)
  return hops
}

/**
 * Returns the warning that is logged once if a request has an `X-Forwarded-For` header and no proxy is trusted. Returns null if the header
 * is missing. Also returns null if the header contains only addresses of this machine, because Next writes such addresses for a browser on
 * the same machine.
 */
export function untrustedProxyNotice(header: string | null | undefined): string | null {
  const entries = (header ?? '').split(/[\s,]+/).filter(Boolean)
  if (entries.every(isLoopback)) return null
  return 'A request came with X-Forwarded-For, but SALLYPORT_TRUSTED_PROXY_HOPS is 0. So the IP addresses of visitors are unknown, and all visitors together have the rate limit of one network. Set SALLYPORT_TRUSTED_PROXY_HOPS to the number of reverse proxies in front of this process. Each of these proxies must append to the header.'
}

function isLoopback(entry: string): boolean {
  const address = parseClientAddress(entry) ?? entry
  return isLoopbackHost(address.includes(':') ? `[${address}]` : address)
}
