import { emailSchema } from '@sallyport/protocol'
import type { endpoints } from '@sallyport/protocol/endpoints'
import {
  confirmMailedSignIn,
  describeMailedSignIn,
  signInWithMailedCode,
} from '../../flows/sign-in/mailed-sign-in.ts'
import { askForSignInMail } from '../../flows/sign-in/sign-in-mail.ts'
import type { Handler } from '../handler.ts'
import { TokenTransport } from '../token-transport.ts'
import { openSession } from './open-session.ts'

export const requestSignInMailHandler: Handler<typeof endpoints.requestSignInMail> = async (
  input,
  context,
) => {
  const { body, source } = input
  const transport = TokenTransport.forNewSession(input, body.transport)
  // If the address is malformed, the response is the same as for an unknown address.
  const email = emailSchema.safeParse(body.email).data ?? null
  const { handle, expiresIn } = await askForSignInMail(context, email, source)
  return transport.answerSecret('mailedSignIn', handle, { status: 'accepted', expiresIn }, 202)
}

export const signInWithMailedCodeHandler: Handler<typeof endpoints.signInWithMailedCode> = async (
  input,
  context,
) => {
  const transport = TokenTransport.forNewSession(input, input.body.transport)
  const handle = transport.secretOf('mailedSignIn', input.body)
  const response = await openSession(input, context, (_, { code }, source) =>
    signInWithMailedCode(context, { code, handle }, source),
  )
  return transport.without('mailedSignIn', response)
}

export const describeMailedSignInHandler: Handler<typeof endpoints.describeMailedSignIn> = (
  input,
  context,
) => {
  const { body, source } = input
  const handle = TokenTransport.likeSecret(input, 'mailedSignIn', body).secretOf('mailedSignIn', body)
  return describeMailedSignIn(context, { token: body.token, handle }, source)
}

export const confirmMailedSignInHandler: Handler<typeof endpoints.confirmMailedSignIn> = async (
  input,
  context,
) => {
  const response = await openSession(input, context, confirmMailedSignIn)
  return TokenTransport.forNewSession(input, input.body.transport).without('mailedSignIn', response)
}
