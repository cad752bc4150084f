import { refreshRequestSchema } from '@sallyport/protocol'
import { signOut } from '../../flows/session/sign-out.ts'
import { clearedCookies } from '../cookies.ts'
import { readJsonBody } from '../json-body.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import type { Route } from '../route.ts'

/** `POST logout`: whatever came along is dead afterwards, and whoever asks again gets the same answer. */
export const signOutRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const { cookies, bearer, config } = exchange
  const body = await readJsonBody(exchange, refreshRequestSchema, { mayBeEmpty: true })
  const credentials = {
    refreshTokens: [body.refreshToken ?? null, cookies.refreshToken],
    accessTokens: [bearer, cookies.accessToken],
  }
  await signOut(context, credentials, exchange.caller)
  const headers = new Headers({ 'cache-control': 'private, no-store' })
  if (cookies.carried) for (const cookie of clearedCookies(config)) headers.append('set-cookie', cookie)
  return new Response(null, { status: 204, headers })
}
