import type { endpoints } from '@sallyport/protocol/endpoints'
import { confirmWithPasskey, startPasskeyConfirmation } from '../../flows/sign-in/passkey-confirmation.ts'
import {
  proveSecondFactorWithPasskey,
  startPasskeySecondFactor,
} from '../../flows/sign-in/passkey-second-factor.ts'
import { finishPasskeySetup, startPasskeySetup } from '../../flows/sign-in/passkey-setup.ts'
import { signInWithPasskey, startPasskeySignIn } from '../../flows/sign-in/passkey-sign-in.ts'
import {
  requestPasskeySignUp,
  signUpWithPasskey,
  startPasskeySignUp,
} from '../../flows/sign-in/passkey-sign-up.ts'
import { privateJson } from '../answers.ts'
import type { Handler } from '../handler.ts'
import { TokenTransport } from '../token-transport.ts'
import { answerSignIn, requireNoReplacedCookie } from './open-session.ts'
import { answerFinished, continued, handleOf } from './second-factor.ts'

export const startPasskeySignInHandler: Handler<typeof endpoints.startPasskeySignIn> = async (
  input,
  context,
) => {
  const { body, source } = input
  const transport = TokenTransport.forNewSession(input, body.transport)
  const known = transport.secretOf('passkey', body)
  const { handle, ...started } = await startPasskeySignIn(context, known, source)
  return transport.answerSecret('passkey', handle, started)
}

export const signInWithPasskeyHandler: Handler<typeof endpoints.signInWithPasskey> = async (
  input,
  context,
) => {
  const { body, source } = input
  const transport = TokenTransport.forNewSession(input, body.transport)
  requireNoReplacedCookie(transport, body)
  const handle = transport.secretOf('passkey', body)
  const result = await signInWithPasskey(context, { credential: body.credential, handle }, source)
  return answerSignIn(input, transport, context, result)
}

export const startPasskeySecondFactorHandler: Handler<typeof endpoints.startPasskeySecondFactor> = (
  input,
  context,
) => startPasskeySecondFactor(context, handleOf(input), input.source)

export const proveSecondFactorWithPasskeyHandler: Handler<
  typeof endpoints.proveSecondFactorWithPasskey
> = async (input, context) => {
  const { credential, trustBrowser } = input.body
  const { transport, handle } = continued(input)
  const proof = { credential, handle, trustBrowser }
  const { user, tokens } = await proveSecondFactorWithPasskey(context, proof, input.source)
  return answerFinished(input, transport, context, { user, tokens })
}

export const startPasskeySetupHandler: Handler<typeof endpoints.startPasskeySetup> = (input, context) =>
  startPasskeySetup(context, handleOf(input), input.source)

export const finishPasskeySetupHandler: Handler<typeof endpoints.finishPasskeySetup> = async (
  input,
  context,
) => {
  const { credential, name } = input.body
  const { transport, handle } = continued(input)
  const { user, tokens } = await finishPasskeySetup(context, { credential, name, handle }, input.source)
  return answerFinished(input, transport, context, { user, tokens })
}

export const requestPasskeySignUpHandler: Handler<typeof endpoints.requestPasskeySignUp> = async (
  { body, source },
  context,
) => {
  await requestPasskeySignUp(context, body, source)
  return { status: 'mailed' }
}

export const startPasskeySignUpHandler: Handler<typeof endpoints.startPasskeySignUp> = (
  { body, source },
  context,
) => startPasskeySignUp(context, body.token, source)

export const signUpWithPasskeyHandler: Handler<typeof endpoints.signUpWithPasskey> = async (
  input,
  context,
) => {
  const { token, credential, name } = input.body
  const transport = TokenTransport.forNewSession(input, input.body.transport)
  requireNoReplacedCookie(transport, input.body)
  const result = await signUpWithPasskey(context, { token, credential, name }, input.source)
  if (result.status === 'verified') return privateJson({ user: result.user })
  return answerSignIn(input, transport, context, result)
}

export const startPasskeyConfirmationHandler: Handler<typeof endpoints.startPasskeyConfirmation> = (
  { authenticated, source },
  context,
) => startPasskeyConfirmation(context, authenticated, source)

export const confirmWithPasskeyHandler: Handler<typeof endpoints.confirmWithPasskey> = (
  { authenticated, body, source },
  context,
) => confirmWithPasskey(context, authenticated, body.credential, source)
