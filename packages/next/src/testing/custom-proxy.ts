import { NextRequest } from 'next/server.js'
import { customIssuer } from '../config/custom-issuer.ts'
import { authProxy } from '../proxy/auth-proxy.ts'
import type { ProxyOptions } from '../proxy/proxy-options.ts'
import { optionsFor } from './custom-pages.ts'
import { startStrictBackend } from './strict-backend.ts'

export const proxyOrigin = 'http://localhost:3000'

/** The headers of a click on one of our own pages. */
export const navigation = {
  accept: 'text/html,*/*;q=0.8',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** The headers of a link from another site, on which strict cookies are not sent. */
export const firstHop = { ...navigation, 'sec-fetch-site': 'cross-site' }

type Asked = { method?: string; headers?: Record<string, string>; cookie?: string }

/** `authProxy` of pages with their own strict backend, and functions that send requests to it. */
export async function startProxy(options: ProxyOptions = {}) {
  const backend = await startStrictBackend()
  const proxy = authProxy({
    issuer: customIssuer(optionsFor(backend.url)),
    app: proxyOrigin,
    ...options,
  })

  /** One navigation, unless `headers` say something else. */
  async function ask(path: string, { method = 'GET', headers = navigation, cookie }: Asked = {}) {
    const request = new NextRequest(proxyOrigin + path, {
      method,
      headers: { ...headers, ...(cookie !== undefined && { cookie }) },
    })
    const answer = await proxy(request)
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, outcome: outcomeOf(answer, text) }
  }

  /** The cookies of a user with these roles; `overdue`: without the access token. */
  function signIn(roles: string[] = [], { overdue = false } = {}): string {
    backend.roles = roles
    const { accessToken, refreshToken } = backend.signIn()
    return `${overdue ? '' : `accessToken=${accessToken}; `}refreshToken=${refreshToken}`
  }
  return { backend, ask, signIn }
}

/** Summarizes a response: let through, a redirect with its status, a request to repeat, or a final status. */
function outcomeOf({ status, headers }: Response, text: string): string {
  const location = headers.get('location')
  if (location !== null) return `${status} ${location.replace(proxyOrigin, '')}`
  if (headers.get('x-middleware-next') === '1') return 'passes'
  return text.includes('location.replace') ? 'again' : `${status}`
}

/** Returns the cookies that a response sets and clears, by name, without the mark for scripts. */
export function setCookies({ headers }: { headers: Headers }): Record<string, string> {
  const pairs = headers.getSetCookie().map((line) => line.split(';', 1)[0]?.split('=') as [string, string])
  return Object.fromEntries(pairs.filter(([name]) => name !== 'sallyport_session'))
}

/** Returns the `Cookie` header that the page behind the proxy sees; null if nothing has changed. */
export const cookieForPage = ({ headers }: { headers: Headers }) => headers.get('x-middleware-request-cookie')
