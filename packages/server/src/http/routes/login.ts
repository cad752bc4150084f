import { loginRequestSchema } from '@sallyport/protocol'
import { login } from '../../flows/sign-in/sign-in.ts'
import type { Route } from '../route.ts'
import { signIn } from './sign-in.ts'

/** `POST login`. */
export const loginRoute: Route = (exchange, context) => signIn(exchange, context, loginRequestSchema, login)
