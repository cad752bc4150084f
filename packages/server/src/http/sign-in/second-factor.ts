import type { endpoints, Transport } from '@sallyport/protocol/endpoints'
import type { IssuedTokens } from '../../flows/session/issue-tokens.ts'
import {
  describePendingSignIn,
  finishSecondFactor,
  proveSecondFactor,
  startSecondFactor,
} from '../../flows/sign-in/second-factor.ts'
import type { Context } from '../../services/context.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../handler.ts'
import { TokenTransport } from '../token-transport.ts'
import { endReplacedSession, requireNoReplacedCookie } from './open-session.ts'

export const describePendingSignInHandler: Handler<typeof endpoints.describePendingSignIn> = (
  input,
  context,
) => describePendingSignIn(context, handleOf(input), input.source)

export const startSecondFactorHandler: Handler<typeof endpoints.startSecondFactor> = (input, context) =>
  startSecondFactor(context, handleOf(input), input.source)

export const proveSecondFactorHandler: Handler<typeof endpoints.proveSecondFactor> = async (
  input,
  context,
) => {
  const { code, recoveryCode = '', trustBrowser } = input.body
  const { transport, handle } = continued(input)
  const proof = code === undefined ? { recoveryCode } : { code }
  const { user, tokens } = await proveSecondFactor(context, handle, { proof, trustBrowser }, input.source)
  return answerFinished(input, transport, context, { user, tokens })
}

export const finishSecondFactorHandler: Handler<typeof endpoints.finishSecondFactor> = async (
  input,
  context,
) => {
  const { id, code, name } = input.body
  const { transport, handle } = continued(input)
  const given = { id, code, name }
  const { user, tokens, recoveryCodes } = await finishSecondFactor(context, handle, given, input.source)
  return answerFinished(input, transport, context, { user, tokens, recoveryCodes })
}

type Body = {
  pendingSignIn?: string | undefined
  transport?: Transport | undefined
  replaces?: string | undefined
}

/** Returns how the tokens are sent, and the handle of the pending sign-in. */
export function continued(input: Exchange & { body: Body }): {
  transport: TokenTransport
  handle: string | null
} {
  const transport = TokenTransport.forNewSession(input, input.body.transport)
  requireNoReplacedCookie(transport, input.body)
  return { transport, handle: transport.secretOf('pendingSignIn', input.body) }
}

/** Returns the handle of the pending sign-in for a request that begins no session. */
export function handleOf(input: Exchange & { body: Pick<Body, 'pendingSignIn'> | undefined }): string | null {
  return TokenTransport.likeSecret(input, 'pendingSignIn', input.body).secretOf('pendingSignIn', input.body)
}

/** Sends the tokens of a pending sign-in that is finished now. */
export async function answerFinished(
  input: Exchange & { body: Body },
  transport: TokenTransport,
  context: Context,
  { tokens, ...body }: { tokens: IssuedTokens } & Record<string, unknown>,
): Promise<Response> {
  await endReplacedSession(input, transport, context)
  return transport.without('pendingSignIn', transport.answer(body, tokens))
}
