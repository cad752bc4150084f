import { describeSession } from '../../flows/session/describe-session.ts'
import { privateJson } from '../answers.ts'
import type { Route } from '../route.ts'
import { signedIn } from '../signed-in.ts'

/** `GET session`. */
export const sessionRoute: Route = async (exchange, context) =>
  privateJson(describeSession(context, await signedIn(exchange, context)))
