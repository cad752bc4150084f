/** The names of the two token cookies on one origin. */
export type CookieNames = {
  /** The cookie with the access token. */
  accessToken: string
  /** The cookie with the refresh token. */
  refreshToken: string
}

/**
 * Returns the cookie names for a topology: with `__Host-` for one HTTPS origin, with `__Secure-` if the
 * cookies have a `Domain`, and without a prefix on `http://localhost` only.
 */
export function cookieNames(topology: Topology): CookieNames {
  const prefix = prefixFor(topology)
  return { accessToken: `${prefix}accessToken`, refreshToken: `${prefix}refreshToken` }
}

/** Returns the name of the device cookie, by which the auth server recognizes a browser, also after a sign-out. It signs nobody in. */
export function deviceCookieName(topology: Topology): string {
  return `${prefixFor(topology)}sallyport_device`
}

/**
 * Returns the name of the cookie that changes with every sign-in, refresh and sign-out, so that scripts of the page notice it. Scripts
 * can read it. It contains nothing secret.
 */
export function sessionMarkName(topology: Topology): string {
  return `${prefixFor(topology)}sallyport_session`
}

/** Seconds that a browser keeps the device cookie: 400 days, the maximum in browsers. */
export const deviceCookieMaxAgeSeconds = 400 * 24 * 60 * 60

/**
 * Returns the domains whose cookies a browser sends to this host, the host first. Each may hold a duplicate of one of our cookies.
 * Public suffixes such as `co.uk` are in the list: browsers refuse cookies for them.
 */
export function cookieDomainsOf(hostname: string): string[] {
  const labels = hostname.split('.')
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'))
}

/** The address of a request, and the `Domain` of our cookies there. */
export type CookiePlace = {
  /** The host, without a port. */
  hostname: string
  /** The path, without a query. */
  pathname: string
  /** Whether the scheme is https. */
  secure: boolean
  /** The `Domain` of our own cookies: undefined for cookies of this host only, null if this server sets no cookies. */
  domain?: string | null | undefined
}

/** The maximum number of lines in one response. With the other headers they must fit into a reverse proxy's header buffer, often 4 KiB. */
const maxClearingLines = 32

/**
 * Returns `Set-Cookie` lines that clear all duplicates of our cookies that a browser may have sent with this request: for
 * this host only and for each domain above it, on each parent path of the address, partitioned and unpartitioned. An
 * earlier `cookieDomain` leaves such cookies, or a sibling subdomain sets them. While one exists, every sign-in is lost. Our own
 * cookie (`Path=/` and the configured domain) is not cleared here: the caller decides about it.
 *
 * At most {@link maxClearingLines} lines are returned. The next request clears the rest.
 */
export function clearedDuplicateCookies(
  header: string | null | undefined,
  names: readonly string[],
  { hostname, pathname, secure, domain: ownDomain }: CookiePlace,
): string[] {
  // A browser stores at most one `__Host-` cookie of a name.
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

/** Returns the values of `Path` with which a cookie is sent to this address, the shortest first (RFC 6265 section 5.1.4). */
function pathsTo(pathname: string): string[] {
  const paths = ['/']
  let path = ''
  for (const segment of pathname.split('/').slice(1, 6)) {
    // Such a path would end the attribute, or take too much room.
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

/** All names of our cookies, in every topology. */
export const allCookieNames: readonly string[] = ['', '__Host-', '__Secure-'].flatMap((prefix) => [
  `${prefix}accessToken`,
  `${prefix}refreshToken`,
])

/**
 * Returns all values that a `Cookie` header has for one exact name, in order. With more than one, a server cannot tell which is its own
 * (RFC 6265bis section 5.7): the caller must refuse the request and clear the cookies.
 * Names are compared case-sensitively, and only ASCII spaces and tabs are trimmed, so similar names do not match.
 */
export function readCookie(header: string | null | undefined, name: string): string[] {
  // Fast path: most requests lack most of our cookies.
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

/** Returns a part of a text without ASCII spaces and tabs around it. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** The attributes that differ between our cookies and between apps. */
export type CookieAttributes = {
  /** `Secure`: true except on `http://localhost`. */
  secure: boolean
  /** `Domain`. Default: none, the cookie is for this host only. */
  domain?: string | undefined
  /** Seconds until the browser deletes the cookie; 0 clears it. Chromium allows at most 400 days. */
  maxAgeSeconds: number
  /** Default: `strict`. */
  sameSite?: 'strict' | 'lax' | undefined
  /** Whether scripts can read it. Default: false. */
  isReadable?: boolean | undefined
}

/**
 * Returns one `Set-Cookie` value, with Path=/, SameSite, HttpOnly unless `isReadable`, and Secure if `secure`.
 *
 * @throws TypeError if the value has a character that cookies do not allow, or is so long that browsers ignore the cookie (over 4,096 bytes).
 */
export function serializeCookie(name: string, value: string, attributes: CookieAttributes): string {
  if (!/^[\w.-]+$/.test(name) || !/^[\w.~-]*$/.test(value)) {
    throw new TypeError('A cookie name or value has a character that cookies do not allow.')
  }
  if (name.length + value.length > 4096) {
    throw new TypeError(
      `The cookie ${name} is longer than 4,096 bytes, so browsers ignore it. Put less into the claims.`,
    )
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
