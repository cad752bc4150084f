/** The names of the two cookies on one origin. */
export type CookieNames = { accessToken: string; refreshToken: string }

/**
 * The cookie names for a topology (DESIGN section 7): `__Host-` on an origin of its own over HTTPS, `__Secure-` when the
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

/** Seconds that a browser keeps that cookie: 400 days, the most that browsers grant. */
export const deviceCookieMaxAgeSeconds = 400 * 24 * 60 * 60

/**
 * The domains under which a host of this name may have been given a cookie, itself first: where a second one of our names can stand.
 * Browsers refuse those that are no registrable domain, such as `co.uk`.
 */
export function cookieDomainsOf(hostname: string): string[] {
  const labels = hostname.split('.')
  return labels.slice(0, -1).map((_, at) => labels.slice(at).join('.'))
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
  if (!header) return []
  const values: string[] = []
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at < 0) continue
    if (trimBlank(pair.slice(0, at)) === name) values.push(trimBlank(pair.slice(at + 1)))
  }
  return values
}

function trimBlank(text: string): string {
  return text.replace(/^[ \t]+|[ \t]+$/g, '')
}

export type CookieAttributes = {
  secure: boolean
  domain?: string | undefined
  /** Seconds until the browser drops the cookie; 0 clears it. Chromium caps it at 400 days. */
  maxAgeSeconds: number
  /** Default: `strict`. */
  sameSite?: 'strict' | 'lax' | undefined
}

/**
 * Builds one `Set-Cookie` value: HttpOnly, Path=/, SameSite, and Secure except on `http://localhost`.
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
  let text = `${name}=${value}; Path=/; Max-Age=${attributes.maxAgeSeconds}; HttpOnly; SameSite=${sameSite}`
  if (attributes.domain) text += `; Domain=${attributes.domain}`
  if (attributes.secure) text += '; Secure'
  return text
}
