import type { endpoints } from '@sallyport/protocol/endpoints'
import { signIn } from '../../flows/sign-in/sign-in.ts'
import type { Handler } from '../handler.ts'
import { openSession } from './open-session.ts'

export const signInHandler: Handler<typeof endpoints.signIn> = (input, context) =>
  openSession(input, context, signIn)
