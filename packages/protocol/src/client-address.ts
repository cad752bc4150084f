/** Longest address with brackets and port that is read; anything longer is no address. */
const maxCharacters = 64

/**
 * Returns a client's address in one spelling, or null for what is none: IPv6 as RFC 5952 writes it, and IPv4 that is mapped into IPv6
 * as IPv4. Accepts a port, and brackets around IPv6. Refuses zones (`fe80::1%eth0`), which mean something on one machine only.
 *
 * @example
 * parseClientAddress('[2001:DB8::1]:443') // '2001:db8::1'
 */
export function parseClientAddress(text: string | null | undefined): string | null {
  if (!text || text.length > maxCharacters) return null
  const bracketed = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text)
  const withPort = bracketed ?? /^([^:]+):(\d{1,5})$/.exec(text)
  const [, address = text, port = '0'] = withPort ?? []
  if (Number(port) > 65_535) return null
  if (bracketed === null && ipv4.test(address)) return address
  const groups = parseIpv6(address)
  return groups && spell(groups)
}

/**
 * Returns the address that the outermost of `hops` trusted proxies wrote into `X-Forwarded-For`: that many entries from the right. Null
 * without hops, for too few entries and for what is no address. What stands further left can be written by anybody.
 */
export function forwardedAddress(header: string | null | undefined, hops: number): string | null {
  return hops === 0 ? null : parseClientAddress(header?.split(',').at(-hops)?.trim())
}

/** The eight groups of an IPv6 address, or null. */
export function parseIpv6(text: string): number[] | null {
  const halves = withoutDots(text)?.split('::') ?? []
  if (halves.length < 1 || halves.length > 2) return null
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const given = head.length + tail.length
  if (halves.length === 1 ? given !== 8 : given > 7) return null
  if (![...head, ...tail].every((group) => /^[\da-f]{1,4}$/i.test(group))) return null
  // Two colons stand for as many groups of zeros as are missing.
  const groups = [...head, ...Array.from({ length: 8 - given }, () => '0'), ...tail]
  return groups.map((group) => Number.parseInt(group, 16))
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** An IPv4 address at the end of an IPv6 address, written as two groups. */
function withoutDots(text: string): string | null {
  const start = text.lastIndexOf(':') + 1
  const last = text.slice(start)
  if (!last.includes('.')) return text
  if (start === 0 || !ipv4.test(last)) return null
  const [a = 0, b = 0, c = 0, d = 0] = last.split('.').map(Number)
  return `${text.slice(0, start)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}

function spell(groups: readonly number[]): string {
  const [a, b, c, d, e, f, g = 0, h = 0] = groups
  if ([a, b, c, d, e].every((group) => group === 0) && f === 0xffff)
    return [g >> 8, g & 255, h >> 8, h & 255].join('.')
  const text = groups.map((group) => group.toString(16)).join(':')
  // The first of the longest runs of zeros is left out, unless it is one group alone (RFC 5952 section 4.2).
  const runs = text.match(/(?<=^|:)0(?::0)+(?=:|$)/g) ?? []
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  if (longest === '') return text
  const at = text.search(new RegExp(`(?<=^|:)${longest}(?=:|$)`))
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`
}
