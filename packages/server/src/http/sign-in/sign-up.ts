import type { endpoints } from '@sallyport/protocol/endpoints'
import { signUp } from '../../flows/sign-in/sign-up.ts'
import type { Handler } from '../handler.ts'
import { openSession } from './open-session.ts'

export const signUpHandler: Handler<typeof endpoints.signUp> = (input, context) =>
  openSession(input, context, signUp)
