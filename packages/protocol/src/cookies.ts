/** The names of the two cookies on one origin. */
export type CookieNames = {
  /** Of the cookie with the access token. */
  accessToken: string
  /** Of the cookie with the refresh token. */
  refreshToken: string
}

/**
 * The cookie names for a topology: `__Host-` on an origin of its own over HTTPS, `__Secure-` when the
 * cookies carry a `Domain`, plain names on `http://localhost` only.
 */
export function cookieNames(topology: Topology): CookieNames {
  const prefix = prefixFor(topology)
  return { accessToken: `${prefix}accessToken`, refreshToken: `${prefix}refreshToken` }
}

/** The cookie by which the auth server knows a browser again, over sign-outs too. It signs nobody in. */
export function deviceCookieName(topology: Topology): string {
  return `${prefixFor(topology)}sallyport_device`
}

/**
 * The cookie that changes with every sign-in, renewal and sign-out, so that scripts of the page notice. They can read it, and it holds
 * nothing that is worth reading.
 */
export function sessionMarkName(topology: Topology): string {
  return `${prefixFor(topology)}sallyport_session`
}

/** Seconds that a browser keeps the device cookie: 400 days, the most that browsers grant. */
export const deviceCookieMaxAgeSeconds = 400 * 24 * 60 * 60

/**
 * The domains under which a host of this name may have been given a cookie, itself first: where a second one of our names can stand.
 * Browsers refuse those that are no registrable domain, such as `co.uk`.
 */
export function cookieDomainsOf(hostname: string): string[] {
  const labels = hostname.split('.')
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'))
}

/** Where a request went, and what our cookies there look like. */
export type CookiePlace = {
  /** The host, without a port. */
  hostname: string
  /** The path, without a query. */
  pathname: string
  /** Whether it is https. */
  secure: boolean
  /** Of our own cookies; undefined for this host alone, null for whoever sets none. */
  domain?: string | null | undefined
}

/** Lines in one answer: beside everything else they must fit into a proxy's buffer for headers, which is often 4 KiB. */
const maxClearingLines = 32

/**
 * `Set-Cookie` lines that clear every second cookie of our names, wherever a browser may keep one that it sent with this request: for
 * this host alone and for each domain above it, on each path that leads to the address, in the partition of the site or in none. An
 * earlier `cookieDomain` leaves such cookies, or a sibling subdomain sets them, and as long as one is there no sign-in lasts. Our own
 * place (`Path=/` and the configured domain) is left out: what belongs there, the caller decides.
 *
 * What they cannot clear is more than {@link maxClearingLines} places at once; then the next request clears the rest.
 */
export function clearedDuplicateCookies(
  header: string | null | undefined,
  names: readonly string[],
  { hostname, pathname, secure, domain: ownDomain }: CookiePlace,
): string[] {
  // Browsers keep a `__Host-` cookie in one place only.
  const doubled = names.filter((name) => !name.startsWith('__Host-') && readCookie(header, name).length > 1)
  if (doubled.length === 0) return []
  const domains = [undefined, ...cookieDomainsOf(hostname)]
  const places = pathsTo(pathname).flatMap((path) => domains.map((domain) => ({ path, domain })))
  const lines = (secure ? ['', '; Partitioned'] : ['']).flatMap((partition) =>
    places.flatMap(({ path, domain }) =>
      partition === '' && path === '/' && domain === ownDomain
        ? []
        : doubled.map(
            (name) =>
              `${name}=; Path=${path}; Max-Age=0${domain ? `; Domain=${domain}` : ''}${secure ? '; Secure' : ''}${partition}`,
          ),
    ),
  )
  return lines.slice(0, maxClearingLines)
}

/** The values of `Path` with which a cookie is sent to this address, the shortest first (RFC 6265 section 5.1.4). */
function pathsTo(pathname: string): string[] {
  const paths = ['/']
  let path = ''
  for (const segment of pathname.split('/').slice(1, 6)) {
    // What ends an attribute, or takes too much room, cannot be named.
    if (segment === '' || path.length + segment.length > 200 || /[;\s\p{Cc}]/u.test(segment)) break
    if (path !== '') paths.push(`${path}/`)
    path += `/${segment}`
    paths.push(path)
  }
  return paths
}

type Topology = { secure: boolean; domain?: string | undefined }

function prefixFor({ secure, domain }: Topology): string {
  return !secure ? '' : domain ? '__Secure-' : '__Host-'
}

/** Every name under which one of our cookies may stand, in any topology. */
export const allCookieNames: readonly string[] = ['', '__Host-', '__Secure-'].flatMap((prefix) => [
  `${prefix}accessToken`,
  `${prefix}refreshToken`,
])

/**
 * All values that a `Cookie` header holds under one exact name, in order. More than one is an attack or an accident
 * (RFC 6265bis section 5.7: a server cannot tell which is its own); the caller refuses and clears.
 * Names are compared case-sensitively and only ASCII space and tab are trimmed, so look-alikes are not read as ours.
 */
export function readCookie(header: string | null | undefined, name: string): string[] {
  // Asked several times for each request, and mostly for cookies that are not there.
  if (!header?.includes(name)) return []
  const values: string[] = []
  for (let from = 0; from <= header.length; ) {
    const next = header.indexOf(';', from)
    const end = next < 0 ? header.length : next
    const at = header.indexOf('=', from)
    if (at < 0) break
    if (at < end && trimmed(header, from, at) === name) values.push(trimmed(header, at + 1, end))
    from = end + 1
  }
  return values
}

/** A part of a text without ASCII space and tab around it. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** The attributes of one of our cookies that differ from app to app. */
export type CookieAttributes = {
  /** `Secure`: true except on `http://localhost`. */
  secure: boolean
  /** `Domain`. Default: none, the cookie is for this host alone. */
  domain?: string | undefined
  /** Seconds until the browser drops the cookie; 0 clears it. Chromium caps it at 400 days. */
  maxAgeSeconds: number
  /** Default: `strict`. */
  sameSite?: 'strict' | 'lax' | undefined
  /** Whether scripts can read it. Default: false. */
  isReadable?: boolean | undefined
}

/**
 * Builds one `Set-Cookie` value: HttpOnly unless scripts are meant to read it, Path=/, SameSite, and Secure except on `http://localhost`.
 *
 * @throws TypeError when the value cannot stand in a cookie or the browser would drop it whole (over 4,096 bytes).
 */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes): string {
  if (!/^[\w.-]+$/.test(name) || !/^[\w.~-]*$/.test(value)) {
    throw new TypeError('A cookie name or value holds a character that cannot stand in a cookie.')
  }
  if (name.length + value.length > 4096) {
    throw new TypeError(`The cookie ${name} is over 4,096 bytes: browsers drop it whole. Keep claims small.`)
  }
  if (name.startsWith('__Host-') && (!attributes.secure || attributes.domain)) {
    throw new TypeError('A __Host- cookie needs Secure and no Domain.')
  }
  const sameSite = attributes.sameSite === 'lax' ? 'Lax' : 'Strict'
  const httpOnly = attributes.isReadable ? '' : ' HttpOnly;'
  let text = `${name}=${value}; Path=/; Max-Age=${attributes.maxAgeSeconds};${httpOnly} SameSite=${sameSite}`
  if (attributes.domain) text += `; Domain=${attributes.domain}`
  if (attributes.secure) text += '; Secure'
  return text
}
