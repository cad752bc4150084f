import { isLoopbackHost } from './loopback.ts'

/**
 * The origins of pages that a setting lists: exact origins, and patterns such as `https://*.preview.example.com` or
 * `https://my-app-*-team.vercel.app`. A `*` matches letters, digits and hyphens within the left-most label, never a dot.
 */

/** Domains below which anybody can get a host name. A pattern there must contain more than the domain. The list is not complete. */
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
/** Domains below which registries sell names, such as `co.uk`. */
const registryDomain =
  /^(?:ac|co|com|edu|gob|gov|govt|id|ltd|me|mil|ne|net|nhs|nom|or|org|plc|sch)\.[a-z]{2}$/
const patternForm =
  /^(https?):\/\/([a-z0-9-]*)\*([a-z0-9-]*)\.((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z](?:[a-z0-9-]*[a-z0-9])?)(:\d{1,5})?$/
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** Returns whether an entry of a list of origins is a pattern. */
export const isOriginPattern = (entry: string): boolean => entry.includes('*')

/**
 * Returns what is wrong with a pattern, as the end of a sentence that begins with the setting's name; null for a valid pattern.
 *
 * Anybody who can get a host name that the pattern matches is treated as one of the app's pages.
 */
export function faultOfOriginPattern(pattern: string): string | null {
  const [, scheme, before = '', after = '', domain = ''] = patternForm.exec(pattern) ?? []
  if (scheme === undefined)
    return 'has a pattern that is not an origin with one * in its left-most label: write it like https://*.preview.example.com'
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

/** Returns whether the list contains an origin, which must be spelled as browsers send it. */
export function isAllowedOrigin(allowed: readonly string[], origin: string): boolean {
  return allowed.some((entry) => (isOriginPattern(entry) ? matchesPattern(entry, origin) : entry === origin))
}

/** Returns the allowed origin that a `Host` header selects, or null. A host that no entry matches is never accepted. */
export function allowedOriginOfHost(allowed: readonly string[], host: string | null): string | null {
  if (host === null) return null
  const lower = host.toLowerCase()
  for (const entry of allowed) {
    const scheme = entry.slice(0, entry.indexOf('://') + 3)
    // Spelled as a browser does: without the scheme's default port.
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
