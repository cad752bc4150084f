import type { endpoints } from '@sallyport/protocol/endpoints'
import { confirmWithPasskey, startPasskeyConfirmation } from '../../flows/sign-in/passkey-confirmation.ts'
import {
  proveSecondFactorWithPasskey,
  startPasskeySecondFactor,
} from '../../flows/sign-in/passkey-second-factor.ts'
import { finishPasskeySetup, startPasskeySetup } from '../../flows/sign-in/passkey-setup.ts'
import { signInWithPasskey, startPasskeySignIn } from '../../flows/sign-in/passkey-sign-in.ts'
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

export const startPasskeyConfirmationHandler: Handler<typeof endpoints.startPasskeyConfirmation> = (
  { authenticated, source },
  context,
) => startPasskeyConfirmation(context, authenticated, source)

export const confirmWithPasskeyHandler: Handler<typeof endpoints.confirmWithPasskey> = (
  { authenticated, body, source },
  context,
) => confirmWithPasskey(context, authenticated, body.credential, source)
