/**
 * Returns whether a host name means this machine: `localhost` and names below it (RFC 6761 section 6.3), `127.0.0.0/8` and `[::1]`. Plain
 * http and SMTP without TLS are accepted only for these hosts.
 *
 * @param hostname - The host name in the form of `URL.hostname`, with IPv6 in brackets. Names are not looked up in DNS.
 */
export function isLoopbackHost(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}|\[::1\])$/i.test(hostname)
}
