import { signUp } from '../../flows/sign-in/sign-up.ts'
import type { Route } from '../route.ts'
import { userSchemasOf } from '../user-schemas.ts'
import { openSession } from './open-session.ts'

/** `POST register`: signs up, and in. */
export const signUpRoute: Route = (exchange, context) =>
  openSession(exchange, context, userSchemasOf(context.config).register, signUp)
