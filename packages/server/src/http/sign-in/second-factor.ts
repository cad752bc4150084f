import type { endpoints, Transport } from '@sallyport/protocol/endpoints'
import {
  describePendingSignIn,
  finishSecondFactor,
  proveSecondFactor,
  startSecondFactor,
} from '../../flows/sign-in/second-factor.ts'
import { FlowError } from '../../services/flow-error.ts'
import { readPendingSignInCookie } from '../cookies.ts'
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
  const { code, recoveryCode = '', trustBrowser, transport } = input.body
  const how = transportOf(input)
  const proof = code === undefined ? { recoveryCode } : { code }
  const handle = handleOf(input, transport ?? 'cookie')
  const { user, tokens } = await proveSecondFactor(context, handle, { proof, trustBrowser }, input.source)
  await endReplacedSession(input, how, context)
  return how.answerPendingDone({ user }, tokens)
}

export const finishSecondFactorHandler: Handler<typeof endpoints.finishSecondFactor> = async (
  input,
  context,
) => {
  const { id, code, name, transport } = input.body
  const how = transportOf(input)
  const handle = handleOf(input, transport ?? 'cookie')
  const { user, tokens, recoveryCodes } = await finishSecondFactor(
    context,
    handle,
    { id, code, name },
    input.source,
  )
  await endReplacedSession(input, how, context)
  return how.answerPendingDone({ user, recoveryCodes }, tokens)
}

type Body = {
  pendingSignIn?: string | undefined
  transport?: Transport | undefined
  replaces?: string | undefined
}

function transportOf(input: Exchange & { body: Body }): TokenTransport {
  const how = TokenTransport.forNewSession(input, input.body.transport)
  requireNoReplacedCookie(how, input.body)
  return how
}

/**
 * Returns the handle of the pending sign-in: from the body of a bearer client, otherwise from the cookie.
 *
 * @throws FlowError `invalid_request` when a browser sends the handle in the body, because then the sign-in would not be bound to a cookie.
 */
function handleOf(
  { body, request, config }: Exchange & { body: Body | undefined },
  transport: Transport = body?.pendingSignIn === undefined ? 'cookie' : 'bearer',
): string | null {
  const given = body?.pendingSignIn
  if (transport === 'bearer') return given ?? null
  if (given === undefined) return readPendingSignInCookie(request.headers.get('cookie'), config)
  const errors = [{ field: 'pendingSignIn', message: 'This field is allowed only with transport "bearer".' }]
  throw new FlowError('invalid_request', { details: { errors } })
}
