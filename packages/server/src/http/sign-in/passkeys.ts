import type { endpoints } from '@sallyport/protocol/endpoints'
import { confirmWithPasskey, startPasskeyConfirmation } from '../../flows/sign-in/passkey-confirmation.ts'
import {
  proveSecondFactorWithPasskey,
  startPasskeySecondFactor,
} from '../../flows/sign-in/passkey-second-factor.ts'
import { signInWithPasskey, startPasskeySignIn } from '../../flows/sign-in/passkey-sign-in.ts'
import { FlowError } from '../../services/flow-error.ts'
import { privateJson } from '../answers.ts'
import { passkeyCookie, readPasskeyCookie, readPendingSignInCookie } from '../cookies.ts'
import type { Exchange } from '../exchange.ts'
import type { Handler } from '../handler.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import { TokenTransport } from '../token-transport.ts'
import { answerSignIn, endReplacedSession, requireNoReplacedCookie } from './open-session.ts'

export const startPasskeySignInHandler: Handler<typeof endpoints.startPasskeySignIn> = async (
  input,
  context,
) => {
  const { body, config, request, source } = input
  const { asCookies } = TokenTransport.forNewSession(input, body.transport)
  const given = secretOf(asCookies, 'handle', body.handle, () =>
    readPasskeyCookie(request.headers.get('cookie'), config),
  )
  const { handle, ...started } = await startPasskeySignIn(context, given, source)
  if (!asCookies) return { ...started, handle }
  const response = privateJson(started)
  response.headers.append('set-cookie', passkeyCookie(handle, started.expiresIn, config))
  return response
}

export const signInWithPasskeyHandler: Handler<typeof endpoints.signInWithPasskey> = async (
  input,
  context,
) => {
  const { body, config, request, source } = input
  const transport = TokenTransport.forNewSession(input, body.transport)
  requireNoReplacedCookie(transport, body)
  const handle = secretOf(transport.asCookies, 'handle', body.handle, () =>
    readPasskeyCookie(request.headers.get('cookie'), config),
  )
  const result = await signInWithPasskey(context, { credential: body.credential, handle }, source)
  return answerSignIn(input, transport, context, result)
}

export const startPasskeySecondFactorHandler: Handler<typeof endpoints.startPasskeySecondFactor> = (
  input,
  context,
) => {
  const { body, source } = input
  const asCookies = body.pendingSignIn === undefined
  const handle = pendingSignInOf(asCookies, input)
  if (asCookies && handle !== null) requireAllowedOrigin(input, true)
  return startPasskeySecondFactor(context, handle, source)
}

export const proveSecondFactorWithPasskeyHandler: Handler<
  typeof endpoints.proveSecondFactorWithPasskey
> = async (input, context) => {
  const { body, source } = input
  const { credential, trustBrowser } = body
  const transport = TokenTransport.forNewSession(input, body.transport)
  requireNoReplacedCookie(transport, body)
  const handle = pendingSignInOf(transport.asCookies, input)
  const proof = { credential, handle, trustBrowser }
  const { user, tokens } = await proveSecondFactorWithPasskey(context, proof, source)
  await endReplacedSession(input, transport, context)
  return transport.answerPendingDone({ user }, tokens)
}

export const startPasskeyConfirmationHandler: Handler<typeof endpoints.startPasskeyConfirmation> = (
  { authenticated, source },
  context,
) => startPasskeyConfirmation(context, authenticated, source)

export const confirmWithPasskeyHandler: Handler<typeof endpoints.confirmWithPasskey> = (
  { authenticated, body, source },
  context,
) => confirmWithPasskey(context, authenticated, body.credential, source)

function pendingSignInOf(
  asCookies: boolean,
  { body, config, request }: Exchange & { body: { pendingSignIn?: string | undefined } },
): string | null {
  return secretOf(asCookies, 'pendingSignIn', body.pendingSignIn, () =>
    readPendingSignInCookie(request.headers.get('cookie'), config),
  )
}

/**
 * Returns the secret with which the caller continues: from the cookie, or from the body of a bearer client.
 *
 * @throws FlowError `invalid_request` if the secret is in the body of a caller that uses cookies.
 */
function secretOf(
  asCookies: boolean,
  field: string,
  inBody: string | undefined,
  inCookie: () => string | null,
): string | null {
  if (!asCookies) return inBody ?? null
  if (inBody === undefined) return inCookie()
  const errors = [{ field, message: 'This field is allowed only with transport "bearer".' }]
  throw new FlowError('invalid_request', { details: { errors } })
}
