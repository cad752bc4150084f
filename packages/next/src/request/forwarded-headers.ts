import type { Config } from '../config/config.ts'
import type { BrowserDetails } from '../session/auth-server-client.ts'

/** Headers of one connection (RFC 9110 section 7.6.1), beside those that `Connection` names. */
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

/** What a request may not bring along from the browser. */
const keptFromApi = new Set([
  ...hopByHop,
  // Next has answered it already: by now the body is on its way.
  'expect',
  // The address of the API, the length of the body and our token are set by whoever sends the request.
  'host',
  'content-length',
  'authorization',
  'cookie',
  'cookie2',
  // Next takes the label off an encoded answer, so none is asked for.
  'accept-encoding',
  // Whoever is asked believes these of a proxy, so a browser may not write them.
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
  // Some servers and frameworks take the path from these: they would lead past `apiPaths`.
  'x-rewrite-url',
  'x-envoy-original-path',
  'path-info',
  'script-name',
  // CGI's name for whoever has signed in.
  'remote-user',
])
const keptFromApiPrefixes = ['sallyport-', 'x-forwarded-', 'x-original-', 'x-middleware-', 'x-invoke-']

/** What an answer may not bring along: it would change the origin of the session, and not this one answer. */
const keptFromBrowser = new Set([
  ...hopByHop,
  'set-cookie',
  'set-cookie2',
  // State of the whole origin: its cookies and storage, its encryption, its servers, its reports, its service workers, its sign-in.
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
  // It lets other origins read the time that our answers take.
  'timing-allow-origin',
  // For the caches and servers between us and the browser: they would share or replace what is for one person.
  'surrogate-control',
  'edge-control',
  'x-litespeed-cache-control',
  'x-accel-expires',
  'x-accel-redirect',
  'x-sendfile',
])
const keptFromBrowserPrefixes = [
  'sallyport-',
  // The API's word on who may read it is about its own origin. Here it would open the session's.
  'access-control-',
  // Device-bound sessions are cookies of the origin.
  'secure-session-',
  'sec-session-',
  'x-middleware-',
]
/** `CDN-Cache-Control`, and the same for one CDN alone, such as `Vercel-CDN-Cache-Control` (RFC 9213 section 3.1). */
const cdnCacheControl = /(?:^|-)cdn-cache-control$/

/** The headers of a browser's request that go on to the API, with what we say ourselves. */
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

/** CGI and WSGI know `x-real-ip` and `x_real_ip` by one name (RFC 3875 section 4.1.18). */
function asCgiReadsIt(name: string): string {
  return name.replace(/[^a-z\d]/g, '-')
}

/** The headers of an API's answer that go on to the browser, as they came; `rawHeaders` are names and values in turn. */
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
