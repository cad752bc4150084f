import { updateProfile } from '../../flows/account/profile.ts'
import { toUser } from '../../services/to-user.ts'
import { privateJson } from '../answers.ts'
import { readJsonBody } from '../json-body.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import type { Route } from '../route.ts'
import { signedIn } from '../signed-in.ts'
import { userSchemasOf } from '../user-schemas.ts'

/** `GET /api/user/profile`. */
export const readProfileRoute: Route = async (exchange, context) => {
  const { user } = await signedIn(exchange, context)
  return privateJson({ user: toUser(context.config, user) })
}

/** `PATCH /api/user/profile`: of the caller alone; nothing in the body can name another. */
export const updateProfileRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const authenticated = await signedIn(exchange, context)
  const changes = await readJsonBody(exchange, userSchemasOf(context.config).profileUpdate)
  return privateJson({ user: await updateProfile(context, authenticated, changes, exchange.caller) })
}
