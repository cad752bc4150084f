import { passwordChangeRequestSchema } from '@sallyport/protocol'
import { changePassword } from '../../flows/account/change-password.ts'
import { readJsonBody } from '../json-body.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import type { Route } from '../route.ts'
import { signedIn } from '../signed-in.ts'

/** `POST password/change`: the caller stays signed in here, and nowhere else. */
export const changePasswordRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const authenticated = await signedIn(exchange, context)
  const passwords = await readJsonBody(exchange, passwordChangeRequestSchema)
  await changePassword(context, authenticated, passwords, exchange.caller)
  return new Response(null, { status: 204, headers: { 'cache-control': 'private, no-store' } })
}
