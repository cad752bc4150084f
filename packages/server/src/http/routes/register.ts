import { registerRequestSchema } from '@sallyport/protocol'
import { register } from '../../flows/register.ts'
import type { Route } from '../route.ts'
import { signIn } from './sign-in.ts'

/** `POST register`: signs up, and in. */
export const registerRoute: Route = (exchange, context) =>
  signIn(exchange, context, registerRequestSchema, register)
