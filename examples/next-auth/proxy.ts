import { type NextRequest, NextResponse } from 'next/server'
import { encode, getToken, type JWT } from 'next-auth/jwt'
import { isSecure, sessionSeconds } from './auth-options'
import { refresh, stateOf } from './sallyport'

const cookieName = `${isSecure ? '__Secure-' : ''}next-auth.session-token`

/**
 * Renews the tokens. Only a proxy can write the cookies of both the request and the browser, so that the render and the next request have
 * the same tokens. It is not an access check. Pages and handlers check the session themselves.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  // Sign-in and sign-out write the cookie themselves.
  if (/^\/api\/auth\/(?:callback|signin|signout)(?:\/|$)/.test(request.nextUrl.pathname))
    return NextResponse.next()
  const token = await getToken({ req: request })
  const current = token && (await renewed(token, request.headers))
  if (current === token) return NextResponse.next()

  // Writes or removes the cookie, in the request for the render and in the response for the browser.
  const value = current ? await encode({ token: current, secret: secret(), maxAge: sessionSeconds }) : ''
  if (current) request.cookies.set(cookieName, value)
  else request.cookies.delete(cookieName)
  const response = NextResponse.next({ request: { headers: request.headers } })
  response.cookies.set(cookieName, value, {
    httpOnly: true,
    secure: isSecure,
    sameSite: 'lax',
    path: '/',
    maxAge: current ? sessionSeconds : 0,
  })
  response.headers.set('cache-control', 'private, no-store')
  return response
}

/** Returns a new token if it is time to renew it, null if the session has ended, and otherwise the same token. */
async function renewed(token: JWT, browser: Headers): Promise<JWT | null> {
  const state = await stateOf(token.accessToken)
  if (state === 'ended') return null
  if (state !== 'outdated' && Date.now() < token.renewAt) return token
  const tokens = await refresh(token.refreshToken, browser)
  if (tokens === 'ended') return null
  return tokens === 'unavailable' ? token : { ...token, ...tokens }
}

function secret(): string {
  const { NEXTAUTH_SECRET } = process.env
  if (!NEXTAUTH_SECRET) throw new TypeError('NEXTAUTH_SECRET is not set: it encrypts the session cookie.')
  return NEXTAUTH_SECRET
}

export const config = { matcher: ['/((?!_next/static|_next/image|favicon.ico).*)'] }
