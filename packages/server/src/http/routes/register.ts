import { register } from '../../flows/sign-in/sign-up.ts'
import type { Route } from '../route.ts'
import { userSchemasOf } from '../user-schemas.ts'
import { signIn } from './sign-in.ts'

/** `POST register`: signs up, and in. */
export const registerRoute: Route = (exchange, context) =>
  signIn(exchange, context, userSchemasOf(context.config).register, register)
