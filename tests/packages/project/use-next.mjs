import { Can } from '@sallyport/next/client'
import { customIssuer } from '@sallyport/next/issuer'
import { authProxy } from '@sallyport/next/proxy'
import { createAuth } from '@sallyport/next/server'
import { isAllowed } from '@sallyport/protocol'
import { NextRequest } from 'next/server.js'

const app = 'http://localhost:3000'

/** Uses the handlers and the proxy of the SDK in plain Node without Next, as in a unit test. */
export async function useNext(authUrl) {
  const options = { app, server: authUrl, audience: 'my-web' }
  const { handlers, safeReturnTo } = createAuth(options)
  const registered = await handlers.POST(
    new Request(`${app}/api/auth/register`, {
      method: 'POST',
      headers: { origin: app, 'content-type': 'application/json' },
      body: JSON.stringify({
        email: `page-${process.version}@example.com`,
        password: 'open the second door',
        name: 'Ada Lovelace',
      }),
    }),
  )
  const cookies = registered.headers.getSetCookie().map((cookie) => cookie.split(';')[0])
  const headers = { cookie: cookies.join('; ') }
  const session = await handlers.GET(new Request(`${app}/api/auth/session`, { headers }))
  const { principal } = await session.json()

  const proxy = authProxy({ ...options, publicPaths: ['/'] })
  const stranger = await proxy(new NextRequest(`${app}/dashboard`))
  const known = await proxy(new NextRequest(`${app}/dashboard`, { headers }))
  return {
    registered: registered.status,
    mayRead: isAllowed(principal, { role: principal.roles[0] }),
    returnTo: safeReturnTo('https://evil.example/'),
    stranger: stranger.headers.get('location'),
    known: known.headers.get('x-middleware-next'),
    others: [typeof Can, typeof customIssuer],
  }
}
