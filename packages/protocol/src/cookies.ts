/** The names of the two token cookies on one origin. */
export type CookieNames = {
  /** The cookie with the access token. */
  accessToken: string
  /** The cookie with the refresh token. */
  refreshToken: string
}

/**
 * Returns the names of the token cookies. For one HTTPS origin, they begin with `__Host-`. If the cookies have a `Domain`, they begin with
 * `__Secure-`. Only on `http://localhost`, they have no prefix.
 */
export function cookieNames(topology: Topology): CookieNames {
  const prefix = prefixFor(topology)
  return { accessToken: `${prefix}accessToken`, refreshToken: `${prefix}refreshToken` }
}

/**
 * Returns the name of the device cookie. With it, the auth server recognizes a browser, even after a sign-out. The cookie alone does not
 * sign anybody in.
 */
export function deviceCookieName(topology: Topology): string {
  return `${prefixFor(topology)}sallyport_device`
}

/** The ends of the names of {@link SignInCookie}. */
const signInCookies = {
  pendingSignIn: 'pendingSignIn',
  mailedSignIn: 'mailedSignIn',
  passkey: 'sallyport_passkey',
  providerState: 'providerState',
} as const
/**
 * A cookie that binds one step of a sign-in to a browser. It holds a secret of the server for a few minutes. Scripts of the page cannot read
 * it.
 *
 * - `pendingSignIn`: the first factor was right, and the second one is missing.
 * - `mailedSignIn`: this browser has requested a mailed code.
 * - `passkey`: this browser answers challenges for passkeys.
 * - `providerState`: this browser has begun a sign-in at a provider.
 */
export type SignInCookie = keyof typeof signInCookies

/**
 * Returns the names of all cookies of the kind {@link SignInCookie} on one origin. `providerState` never has a `Domain`, because one host
 * begins and finishes a sign-in at a provider. So its name begins with `__Host-` in every topology with HTTPS, and no other host can set it.
 */
export function signInCookieNames(topology: Topology): Record<SignInCookie, string> {
  return Object.fromEntries(
    Object.entries(signInCookies).map(([cookie, name]) => [
      cookie,
      prefixFor({ ...topology, ...(isHostOnly(cookie as SignInCookie) && { domain: undefined }) }) + name,
    ]),
  ) as Record<SignInCookie, string>
}

/** Returns whether a {@link SignInCookie} never has a `Domain`, also if the other cookies have one. */
export function isHostOnly(cookie: SignInCookie): boolean {
  return cookie === 'providerState'
}

/**
 * Returns `SameSite` of a {@link SignInCookie}. It is `lax` for the cookies that must also arrive after a click in a mail or on a
 * page of a provider. Challenges for passkeys are answered only by pages of the app.
 */
export function signInCookieSameSite(cookie: SignInCookie): 'lax' | 'strict' {
  return cookie === 'passkey' ? 'strict' : 'lax'
}

/** Returns the secret in a {@link SignInCookie}. Returns null if the cookie is missing, malformed, or there twice. */
export function readSignInCookie(header: string | null, name: string): string | null {
  const [secret, ...others] = readCookie(header, name)
  return secret !== undefined && others.length === 0 && /^[\w-]{1,128}$/.test(secret) ? secret : null
}

/**
 * Returns the name of the session mark cookie. Its value changes at every sign-in, refresh and sign-out. Scripts of the page can read it
 * and so notice the change. It contains nothing secret.
 */
export function sessionMarkName(topology: Topology): string {
  return `${prefixFor(topology)}sallyport_session`
}

/** How long a browser stores the device cookie, in seconds. The value is 400 days, because browsers do not allow more. */
export const deviceCookieMaxAgeSeconds = 400 * 24 * 60 * 60

/**
 * Returns the domains whose cookies a browser sends to this host. The host itself is the first. A browser may have a duplicate of our
 * cookies for each of these domains. The list may include public suffixes such as `co.uk`, for which browsers accept no cookies.
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
  /** The `Domain` of our own cookies. Undefined means cookies for this host only. Null means that this server sets no cookies. */
  domain?: string | null | undefined
}

/** The maximum number of lines in one response. All headers together must fit into a reverse proxy's header buffer, often 4 KiB. */
const maxClearingLines = 32

/**
 * Returns `Set-Cookie` lines that clear all duplicates of our cookies that a browser may have sent with this request. There is a line for
 * each combination of a domain (none, this host, or a domain above it), a path (the path of the request or a parent of it), and a partition
 * (partitioned or unpartitioned).
 *
 * Duplicates exist if `cookieDomain` had another value before, or if another host of the same domain sets them. While there is a duplicate,
 * a new sign-in has no effect. Our own cookie (`Path=/` and the configured domain) is not cleared here. The caller decides whether to clear
 * it.
 *
 * It returns at most {@link maxClearingLines} lines. If there are more, the response to the next request clears the others.
 */
export function clearedDuplicateCookies(
  header: string | null | undefined,
  names: readonly string[],
  { hostname, pathname, secure, domain: ownDomain }: CookiePlace,
): string[] {
  // A browser stores at most one cookie for a name that begins with `__Host-`.
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

/** Returns all values of `Path` whose cookies a browser sends to this address, the shortest first (RFC 6265 section 5.1.4). */
function pathsTo(pathname: string): string[] {
  const paths = ['/']
  let path = ''
  for (const segment of pathname.split('/').slice(1, 6)) {
    // Stop before a path that is too long, or that has a character which would end the `Path` attribute.
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

/** The names of all our cookies, with every prefix. */
export const allCookieNames: readonly string[] = ['', '__Host-', '__Secure-'].flatMap((prefix) => [
  `${prefix}accessToken`,
  `${prefix}refreshToken`,
])

/**
 * Returns all values that a `Cookie` header has for one exact name, in order. If there is more than one, a server cannot know which one it
 * has set (RFC 6265bis section 5.7). Then the caller must refuse the request and clear the cookies.
 *
 * Names are compared case-sensitively. Only ASCII spaces and tabs around them are ignored, so similar names do not match.
 */
export function readCookie(header: string | null | undefined, name: string): string[] {
  // Most requests have only few of our cookies. For speed, return early if the header does not contain the name.
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

/** Returns a part of a text without the ASCII spaces and tabs around it. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to]
  while (start < end && isBlank(text.charCodeAt(start))) start += 1
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1
  return text.slice(start, end)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}

/** The attributes of a cookie that are not the same for all our cookies and all apps. */
export type CookieAttributes = {
  /** Whether the cookie has `Secure`. False only on `http://localhost`. */
  secure: boolean
  /** `Domain`. Default: no `Domain`, so the cookie is for this host only. */
  domain?: string | undefined
  /** The time, in seconds, after which the browser deletes the cookie. 0 clears it immediately. Chromium allows at most 400 days. */
  maxAgeSeconds: number
  /** `SameSite`. Default: `strict`. */
  sameSite?: 'strict' | 'lax' | undefined
  /** Whether scripts can read the cookie. Default: false. */
  isReadable?: boolean | undefined
}

/**
 * Returns one `Set-Cookie` value. It has `Path=/` and `SameSite`. It has `Secure` if `secure` is true, and `HttpOnly` unless `isReadable`
 * is true.
 *
 * @throws TypeError if the value has a character that cookies do not allow, or if the cookie is longer than 4,096 bytes. Browsers ignore
 * such a cookie.
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
    throw new TypeError('A __Host- cookie must have Secure and must not have a Domain.')
  }
  const sameSite = attributes.sameSite === 'lax' ? 'Lax' : 'Strict'
  const httpOnly = attributes.isReadable ? '' : ' HttpOnly;'
  let text = `${name}=${value}; Path=/; Max-Age=${attributes.maxAgeSeconds};${httpOnly} SameSite=${sameSite}`
  if (attributes.domain) text += `; Domain=${attributes.domain}`
  if (attributes.secure) text += '; Secure'
  return text
}
