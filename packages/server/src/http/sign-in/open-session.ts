import type { Transport } from '@sallyport/protocol/endpoints'
import { signOut } from '../../flows/session/sign-out.ts'
import type { SignInResult } from '../../flows/sign-in/gate.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { privateJson } from '../answers.ts'
import type { Exchange } from '../exchange.ts'
import { TokenTransport } from '../token-transport.ts'

type NewSession = { transport?: Transport | undefined; replaces?: string | undefined }

type Flow<T> = (context: Context, details: T, source: RequestSource) => Promise<SignInResult | null>

/** Begins a session with the given flow, and sends its tokens. If a second factor is missing, sends the handle of the pending sign-in. */
export async function openSession<T extends NewSession>(
  exchange: Exchange & { body: T },
  context: Context,
  flow: Flow<T>,
): Promise<Response> {
  const { body, source } = exchange
  const transport = TokenTransport.forNewSession(exchange, body.transport)
  requireNoReplacedCookie(transport, body)
  const result = await flow(context, body, source)
  // The address must be verified first, so nobody is signed in. The session that the browser had before stays open.
  if (result === null) return privateJson({ status: 'mailed' }, 202)
  return answerSignIn(exchange, transport, context, result)
}

/**
 * Sends the result of a sign-in. As long as a second factor is missing, nobody is signed in, and the session that the caller had before
 * stays open.
 */
export async function answerSignIn(
  exchange: Exchange & { body: NewSession },
  transport: TokenTransport,
  context: Context,
  result: SignInResult,
  /** Further members of the body. */
  extra: { returnTo?: string } = {},
): Promise<Response> {
  if (result.status !== 'signed_in') {
    const { handle, ...pending } = result
    return transport.answerSecret('pendingSignIn', handle, { ...pending, ...extra }, 202)
  }
  await endReplacedSession(exchange, transport, context)
  return transport.answer({ user: result.user, ...extra }, result.tokens)
}

/**
 * Ends the session that the caller had before, because a session id from before a sign-in must not be valid after it (ASVS 7.2.4). A
 * browser sends the old session in its cookies. Other callers send it in `replaces`.
 */
export async function endReplacedSession(
  { body, cookies, source }: Exchange & { body: NewSession },
  { asCookies }: TokenTransport,
  context: Context,
): Promise<void> {
  const credentials = asCookies
    ? { refreshTokens: [cookies.refreshToken], accessTokens: [cookies.accessToken] }
    : { refreshTokens: [body.replaces ?? null], accessTokens: [] }
  await signOut(context, credentials, source)
}

/**
 * Refuses `replaces` if the tokens are sent in cookies, because the cookies of the request already say which session is replaced.
 *
 * @throws FlowError `invalid_request`.
 */
export function requireNoReplacedCookie({ asCookies }: TokenTransport, { replaces }: NewSession): void {
  if (!asCookies || replaces === undefined) return
  const errors = [{ field: 'replaces', message: 'This field is allowed only with transport "bearer".' }]
  throw new FlowError('invalid_request', { details: { errors } })
}
