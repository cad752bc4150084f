import type { Authenticated } from '../../flows/session/authenticate.ts'
import type { Context } from '../../services/context.ts'
import type { Exchange } from '../exchange.ts'
import { signedIn } from '../serve.ts'

/**
 * Returns the signed-in caller. Returns null if the request has no access token, or if the body has a password. If there is a password,
 * only the password is used.
 */
export async function signedInWithoutPassword(
  exchange: Exchange & { body: { password?: string | undefined } },
  context: Context,
): Promise<Authenticated | null> {
  const { body, bearer, cookies } = exchange
  if (body.password !== undefined || (bearer ?? cookies.accessToken) === null) return null
  return signedIn(exchange, context)
}
