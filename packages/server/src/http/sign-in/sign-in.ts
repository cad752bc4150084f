import { loginRequestSchema } from '@sallyport/protocol'
import { signIn } from '../../flows/sign-in/sign-in.ts'
import type { Route } from '../route.ts'
import { openSession } from './open-session.ts'

/** `POST login`. */
export const signInRoute: Route = (exchange, context) =>
  openSession(exchange, context, loginRequestSchema, signIn)
