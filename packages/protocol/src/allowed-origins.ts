import { isLoopbackHost } from './loopback.ts'

/**
 * Some settings list origins of pages. An entry is an exact origin, or a pattern such as `https://*.preview.example.com` or
 * `https://my-app-*-team.vercel.app`. A `*` must be in the left-most label of the host name. It matches letters, digits and hyphens, but no
 * dot.
 */

/**
 * Domains below which anybody can get a host name. A pattern for such a domain needs at least three characters besides `*` and hyphens in
 * its left-most label. The set is not complete.
 */
const sharedDomains = new Set([
  ...[
    'vercel.app',
    'now.sh',
    'netlify.app',
    'pages.dev',
    'workers.dev',
    'github.io',
    'gitlab.io',
    'onrender.com',
  ],
  ...[
    'herokuapp.com',
    'fly.dev',
    'railway.app',
    'web.app',
    'firebaseapp.com',
    'appspot.com',
    'run.app',
    'surge.sh',
  ],
  ...[
    'azurewebsites.net',
    'azurestaticapps.net',
    'cloudfront.net',
    'amazonaws.com',
    'amplifyapp.com',
    'deno.dev',
  ],
  ...[
    'awsapprunner.com',
    'ondigitalocean.app',
    'ngrok.io',
    'ngrok.app',
    'ngrok-free.app',
    'trycloudflare.com',
  ],
  ...['loca.lt', 'github.dev', 'gitpod.io', 'stackblitz.io', 'csb.app', 'replit.app', 'repl.co', 'glitch.me'],
  ...['bitbucket.io', 'blogspot.com', 'wordpress.com', 'myshopify.com', 'duckdns.org', 'nip.io', 'sslip.io'],
])
/** Matches domains below which registries sell names, such as `co.uk`. */
const registryDomain =
  /^(?:ac|co|com|edu|gob|gov|govt|id|ltd|me|mil|ne|net|nhs|nom|or|org|plc|sch)\.[a-z]{2}$/
const patternForm =
  /^(https?):\/\/([a-z0-9-]*)\*([a-z0-9-]*)\.((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?)(:\d{1,5})?$/
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Returns whether an entry of a list of origins is a pattern. */
export const isOriginPattern = (entry: string): boolean => entry.includes('*')

/**
 * Returns what is wrong with a pattern, or null if it is valid. The text is the end of a sentence that begins with the setting's name.
 *
 * Every page whose host name matches the pattern is trusted like a page of the app. So a pattern must not match host names of other people.
 */
export function faultOfOriginPattern(pattern: string): string | null {
  const [, scheme, before = '', after = '', domain = ''] = patternForm.exec(pattern) ?? []
  if (scheme === undefined)
    return 'has a pattern that is not an origin with one * in its left-most label. A valid pattern is https://*.preview.example.com'
  const isLocal = isLoopbackHost(domain)
  if (scheme === 'http' && !isLocal)
    return 'has a pattern for plain http: use https, or localhost in development'
  if (isLocal) return null
  if (!domain.includes('.') || registryDomain.test(domain))
    return 'has a pattern that covers a domain below which anybody can register a name: put your own domain after the *'
  if (sharedDomains.has(domain) && (before + after).replaceAll('-', '').length < 3)
    return 'has a pattern that covers a domain where anybody can get a host name: put the name of your project beside the *, such as https://my-app-*-my-team.vercel.app'
  return null
}

const compiled = new Map<string, RegExp>()

/** Returns whether the list contains an origin. The origin must have the form in which browsers send it. */
export function isAllowedOrigin(allowed: readonly string[], origin: string): boolean {
  return allowed.some((entry) => (isOriginPattern(entry) ? matchesPattern(entry, origin) : entry === origin))
}

/** Returns the allowed origin that has the host of a `Host` header. If no entry matches the host, returns null. */
export function allowedOriginOfHost(allowed: readonly string[], host: string | null): string | null {
  if (host === null) return null
  const lower = host.toLowerCase()
  for (const entry of allowed) {
    const scheme = entry.slice(0, entry.indexOf('://') + 3)
    // Browsers send an origin without the scheme's default port.
    const origin = URL.canParse(scheme + lower) ? new URL(scheme + lower).origin : null
    const isHost = origin === scheme + lower || origin === scheme + lower.replace(/:(?:443|80)$/, '')
    if (origin !== null && isHost && isAllowedOrigin([entry], origin)) return origin
  }
  return null
}

function matchesPattern(pattern: string, origin: string): boolean {
  let expression = compiled.get(pattern)
  if (expression === undefined) {
    const [before = '', after = ''] = pattern.split('*').map((part) => part.replace(/[.]/g, '\\.'))
    expression = new RegExp(`^${before}[a-z0-9-]+${after}$`)
    compiled.set(pattern, expression)
  }
  if (!expression.test(origin)) return false
  return label.test(origin.slice(origin.indexOf('://') + 3).split('.', 1)[0] ?? '')
}
