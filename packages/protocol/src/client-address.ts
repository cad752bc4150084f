/** The maximum length of an address with brackets and port, in characters. A longer text is not parsed. */
const maxCharacters = 64

/**
 * Returns a client's IP address in its canonical form, or null if the text is not an address. IPv6 is written as in RFC 5952. An IPv4
 * address that is mapped into IPv6 is returned as IPv4. The text may have a port, and brackets around IPv6. Zones (`fe80::1%eth0`) are
 * refused, because they are valid on one machine only.
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
 * Returns the client's address from `X-Forwarded-For`, if there are `hops` trusted proxies. The address is entry number `hops`, counted
 * from the right. The outermost trusted proxy has written this entry. Clients can forge all entries to the left of it. Returns null if
 * `hops` is 0, if there are too few entries, or if the entry is not an address.
 */
export function forwardedAddress(header: string | null | undefined, hops: number): string | null {
  return hops === 0 ? null : parseClientAddress(header?.split(',').at(-hops)?.trim())
}

/** Returns the eight groups of an IPv6 address, or null. */
export function parseIpv6(text: string): number[] | null {
  const halves = withoutDots(text)?.split('::') ?? []
  if (halves.length < 1 || halves.length > 2) return null
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const given = head.length + tail.length
  if (halves.length === 1 ? given !== 8 : given > 7) return null
  if (![...head, ...tail].every((group) => /^[\da-f]{1,4}$/i.test(group))) return null
  // `::` means that the missing groups are zero.
  const groups = [...head, ...Array.from({ length: 8 - given }, () => '0'), ...tail]
  return groups.map((group) => Number.parseInt(group, 16))
}

const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

/** If an IPv6 address ends with an IPv4 address, writes that part as two groups. */
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
  // Replace the longest sequence of zero groups by `::`, or the first of them if several are equally long. Keep a single zero group.
  // See RFC 5952 section 4.2.
  const runs = text.match(/(?<=^|:)0(?::0)+(?=:|$)/g) ?? []
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  if (longest === '') return text
  const at = text.search(new RegExp(`(?<=^|:)${longest}(?=:|$)`))
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`
}
