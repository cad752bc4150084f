import { parseClientAddress, parseIpv6 } from '@sallyport/protocol/client-address'

/** A network that contains an address: its kind, its name, and the factor by which the limits in throttle-policy.ts are multiplied. */
export type Network = {
  kind: 'network' | 'network_24' | 'network_56' | 'network_48' | 'network_unknown'
  of: string
  times: number
}

/** The lengths of IPv6 prefixes: /64 is one customer, /56 is one access line, /48 is one site. */
const ipv6Prefixes = [
  { kind: 'network', bits: 64, times: 1 },
  { kind: 'network_56', bits: 56, times: 2 },
  { kind: 'network_48', bits: 48, times: 4 },
] as const

/** The factor for an IPv4 /24. A /24 is the smallest block that can have its own route on the internet. */
const ipv4BlockTimes = 4

/**
 * Returns the networks that contain an address, smallest first. All unknown addresses share one network, so that nobody gets higher limits
 * by hiding an address.
 */
export function networksOf(address: string | null): [Network, ...Network[]] {
  const known = parseClientAddress(address)
  if (known === null) return [{ kind: 'network_unknown', of: 'unknown', times: 1 }]
  const groups = parseIpv6(known)
  if (groups === null) return ipv4Networks(known)
  const [g0 = 0, g1 = 0, g2 = 0, g3 = 0, g4 = 0, g5 = 0, g6 = 0, g7 = 0] = groups
  // NAT64 (RFC 6052) puts all IPv4 addresses into one /64. Use the IPv4 address, so that different IPv4 addresses do not share one network.
  if (g0 === 0x64 && g1 === 0xff9b && (g2 | g3 | g4 | g5) === 0)
    return ipv4Networks([g6 >> 8, g6 & 255, g7 >> 8, g7 & 255].join('.'))
  const [narrowest, ...wider] = ipv6Prefixes
  const network = ({ kind, bits, times }: (typeof ipv6Prefixes)[number]): Network => {
    const last = bits === 64 ? g3 : bits === 56 ? g3 & 0xff00 : 0
    return { kind, of: `${[g0, g1, g2, last].map((group) => group.toString(16)).join(':')}::/${bits}`, times }
  }
  return [network(narrowest), ...wider.map(network)]
}

function ipv4Networks(address: string): [Network, Network] {
  const block = address.split('.').slice(0, 3).join('.')
  return [
    { kind: 'network', of: address, times: 1 },
    { kind: 'network_24', of: `${block}.0/24`, times: ipv4BlockTimes },
  ]
}
