import type { Config } from '../config/config.ts'
import type { BrowserDetails } from '../session/auth-server-client.ts'

/** Headers that apply to one connection only (RFC 9110 section 7.6.1). The headers that `Connection` names are removed too. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Request headers of the browser that are not forwarded. */
const keptFromApi = new Set([
  ...hopByHop,
  // Next has already answered `Expect`.
  'expect',
  // The code that sends the request sets the API's host, the length of the body and the token itself. Cookies are never sent to the API,
  // because they contain the tokens of the session.
  'host',
  'content-length',
  'authorization',
  'cookie',
  'cookie2',
  // Next removes `Content-Encoding` from a response, so the browser could not decode the body. We send `identity` instead, with which most
  // APIs do not encode the body.
  'accept-encoding',
  // APIs trust these headers, because usually a proxy sets them. A browser must not set them.
  'forwarded',
  'forwarded-for',
  'x-forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-appengine-user-ip',
  'x-azure-clientip',
  'x-azure-socketip',
  'x-envoy-external-address',
  'x-vercel-forwarded-for',
  'true-client-ip',
  'cf-connecting-ip',
  'cf-connecting-ipv6',
  'do-connecting-ip',
  'fastly-client-ip',
  'fly-client-ip',
  'proxy-client-ip',
  'wl-proxy-client-ip',
  'front-end-https',
  'x-scheme',
  'x-url-scheme',
  // Some servers and frameworks read the path from these headers. A browser could then reach a path that is not in `apiPaths`.
  'x-rewrite-url',
  'x-envoy-original-path',
  'path-info',
  'script-name',
  // CGI servers give the name of the authenticated user in this variable.
  'remote-user',
])
const keptFromApiPrefixes = ['sallyport-', 'x-forwarded-', 'x-original-', 'x-middleware-', 'x-invoke-']

/** Response headers of the API that are not forwarded. They would affect the whole origin of the session, and not only this response. */
const keptFromBrowser = new Set([
  ...hopByHop,
  'set-cookie',
  'set-cookie2',
  // These headers change the state of the whole origin: cookies, storage, encryption, servers, reports, service workers and sign-in.
  'clear-site-data',
  'strict-transport-security',
  'public-key-pins',
  'public-key-pins-report-only',
  'expect-ct',
  'alt-svc',
  'nel',
  'report-to',
  'service-worker-allowed',
  'set-login',
  // With this header, other origins could read the timing of our responses.
  'timing-allow-origin',
  // Caches and servers between us and the browser read these headers. They could give one user's response to others, or replace it.
  'surrogate-control',
  'edge-control',
  'x-litespeed-cache-control',
  'x-accel-expires',
  'x-accel-redirect',
  'x-sendfile',
])
const keptFromBrowserPrefixes = [
  'sallyport-',
  // The API's CORS headers are meant for its own origin. Here they would let other origins read responses for the session's user.
  'access-control-',
  // A device-bound session would set cookies of the whole origin.
  'secure-session-',
  'sec-session-',
  'x-middleware-',
]
/** Matches `CDN-Cache-Control`, and its forms for one CDN, such as `Vercel-CDN-Cache-Control` (RFC 9213 section 3.1). */
const cdnCacheControl = /(?:^|-)cdn-cache-control$/

/** Returns the headers of the request to the API: those of the browser's request that are forwarded, and our own. */
export function headersForApi(
  from: Headers,
  accessToken: string,
  browser: BrowserDetails,
  { appUrl }: Pick<Config, 'appUrl'>,
): Record<string, string> {
  const isKept = keeps(keptFromApi, keptFromApiPrefixes, from.get('connection'))
  const headers: Record<string, string> = {}
  from.forEach((value, name) => {
    if (!isKept(name) && !isKept(asCgiReadsIt(name))) headers[name] = value
  })
  headers.authorization = `Bearer ${accessToken}`
  headers['accept-encoding'] = 'identity'
  headers['x-forwarded-host'] = appUrl.host
  headers['x-forwarded-proto'] = appUrl.protocol.slice(0, -1)
  if (browser.address !== null) headers['x-forwarded-for'] = browser.address
  return headers
}

/** Normalizes a header name, because CGI and WSGI treat `x-real-ip` and `x_real_ip` as the same (RFC 3875 section 4.1.18). */
function asCgiReadsIt(name: string): string {
  return name.replace(/[^a-z\d]/g, '-')
}

/**
 * Returns the headers of an API's response that are forwarded to the browser unchanged. In `rawHeaders`, each name is followed by its
 * value.
 */
export function headersForBrowser(rawHeaders: readonly string[]): Headers {
  const pairs = rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? ''] as const] : [],
  )
  const named = pairs.flatMap(([name, value]) => (name === 'connection' ? [value] : [])).join(',')
  const isKept = keeps(keptFromBrowser, keptFromBrowserPrefixes, named)
  const headers = new Headers()
  for (const [name, value] of pairs)
    if (!isKept(name) && !cdnCacheControl.test(name)) headers.append(name, value)
  return headers
}

function keeps(
  names: ReadonlySet<string>,
  prefixes: readonly string[],
  connection: string | null,
): (name: string) => boolean {
  const ofConnection = new Set(connection?.split(',').map((name) => name.trim().toLowerCase()))
  return (name) =>
    names.has(name) || ofConnection.has(name) || prefixes.some((prefix) => name.startsWith(prefix))
}
