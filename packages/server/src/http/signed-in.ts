import { type Authenticated, authenticate } from '../flows/session/authenticate.ts'
import type { Context } from '../services/context.ts'
import type { Exchange } from './exchange.ts'

/**
 * The user and session of the request's one access token, from the header or the cookie.
 *
 * @throws AuthError, FlowError `token_missing`, `credential_conflict`, `token_…`, `session_ended`.
 */
export async function signedIn(exchange: Exchange, context: Context): Promise<Authenticated> {
  const { request, bearer, cookies } = exchange
  const principal = await context.verifier.authenticate(request)
  // The verifier has made sure that there is exactly one.
  return authenticate(context, { principal, token: bearer ?? cookies.accessToken ?? '' })
}
