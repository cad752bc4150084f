import { NextRequest } from 'next/server.js'
import { customIssuer } from '../config/custom-issuer.ts'
import { authProxy } from '../proxy/auth-proxy.ts'
import type { ProxyOptions } from '../proxy/proxy-options.ts'
import { optionsFor } from './custom-pages.ts'
import { startStrictBackend } from './strict-backend.ts'

export const proxyOrigin = 'http://localhost:3000'

/** The headers that a browser sends if the user clicks a link on one of our own pages. */
export const navigation = {
  accept: 'text/html,*/*;q=0.8',
  'sec-fetch-site': 'same-origin',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** The headers that a browser sends if the user follows a link on another site. With such a request, strict cookies are not sent. */
export const firstHop = { ...navigation, 'sec-fetch-site': 'cross-site' }

type Asked = { method?: string; headers?: Record<string, string>; cookie?: string }

/** Starts a strict backend and an `authProxy` that uses it. Returns functions that send requests to the proxy. */
export async function startProxy(options: ProxyOptions = {}) {
  const backend = await startStrictBackend()
  const proxy = authProxy({
    issuer: customIssuer(optionsFor(backend.url)),
    app: proxyOrigin,
    ...options,
  })

  /** Sends a request. It is a navigation, unless `headers` are given. */
  async function ask(path: string, { method = 'GET', headers = navigation, cookie }: Asked = {}) {
    const request = new NextRequest(proxyOrigin + path, {
      method,
      headers: { ...headers, ...(cookie !== undefined && { cookie }) },
    })
    const answer = await proxy(request)
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, outcome: outcomeOf(answer, text) }
  }

  /** Returns the cookies of a user with these roles. With `overdue`, the access token is left out. */
  function signIn(roles: string[] = [], { overdue = false } = {}): string {
    backend.roles = roles
    const { accessToken, refreshToken } = backend.signIn()
    return `${overdue ? '' : `accessToken=${accessToken}; `}refreshToken=${refreshToken}`
  }
  return { backend, ask, signIn }
}

/**
 * Returns a short text for a response: `passes` if the request was let through, status and target of a redirect, `again` for the page that
 * repeats the navigation, or else the status.
 */
function outcomeOf({ status, headers }: Response, text: string): string {
  const location = headers.get('location')
  if (location !== null) return `${status} ${location.replace(proxyOrigin, '')}`
  if (headers.get('x-middleware-next') === '1') return 'passes'
  return text.includes('location.replace') ? 'again' : `${status}`
}

/** Returns the cookies that a response sets and clears. The key is the name. The cookie that scripts can read is left out. */
export function setCookies({ headers }: { headers: Headers }): Record<string, string> {
  const pairs = headers.getSetCookie().map((line) => line.split(';', 1)[0]?.split('=') as [string, string])
  return Object.fromEntries(pairs.filter(([name]) => name !== 'sallyport_session'))
}

/** Returns the `Cookie` header that the page behind the proxy sees. Returns null if it was not changed. */
export const cookieForPage = ({ headers }: { headers: Headers }) => headers.get('x-middleware-request-cookie')
