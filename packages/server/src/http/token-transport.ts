import { headers as headerNames } from '@sallyport/protocol'
import type { Transport } from '@sallyport/protocol/endpoints'
import type { IssuedTokens } from '../flows/session/issue-tokens.ts'
import type { PendingSignIn } from '../flows/sign-in/pending-sign-in.ts'
import { FlowError } from '../services/flow-error.ts'
import { privateJson } from './answers.ts'
import { isFrontend } from './client-address.ts'
import { deviceCookie, mailedSignInCookie, pendingSignInCookie, tokenCookies } from './cookies.ts'
import type { Exchange } from './exchange.ts'
import { requireAllowedOrigin } from './origin-rule.ts'

/**
 * Sends tokens to the caller, in cookies or in the body. Only this class sends tokens. {@link TokenTransport.forNewSession} checks the
 * origin before it allows cookies.
 */
export class TokenTransport {
  readonly asCookies: boolean
  readonly #exchange: Exchange

  private constructor(asCookies: boolean, exchange: Exchange) {
    this.asCookies = asCookies
    this.#exchange = exchange
  }

  /**
   * Returns the transport for a new session. The tokens are sent in cookies, unless `transport` in the body is `bearer`.
   *
   * @throws FlowError `origin_refused` when cookies are wanted and the origin is not allowed; `credential_conflict` when `bearer` is wanted
   * and the request has cookies of Sallyport. Such a caller is a browser, and its scripts must not see tokens.
   */
  static forNewSession(exchange: Exchange, asked: Transport | undefined): TokenTransport {
    const asCookies = asked !== 'bearer'
    if (asCookies) requireAllowedOrigin(exchange, true)
    else if (exchange.cookies.carried)
      throw new FlowError('credential_conflict', { reason: 'transport "bearer", and cookies' })
    return new TokenTransport(asCookies, exchange)
  }

  /**
   * Returns the transport for a refresh. The new tokens are sent where the old refresh token was: in the body or in cookies. If the old
   * token was in a cookie, the origin of the request has been checked already.
   */
  static likeRefreshToken(exchange: Exchange, inBody: string | undefined): TokenTransport {
    return new TokenTransport(inBody === undefined, exchange)
  }

  /** Returns a response for a sign-in that needs a second factor. Its handle is in the body or in a cookie. */
  answerPending({ handle, ...pending }: PendingSignIn): Response {
    const response = privateJson(this.asCookies ? pending : { ...pending, pendingSignIn: handle }, 202)
    if (this.asCookies)
      response.headers.append(
        'set-cookie',
        pendingSignInCookie(handle, pending.expiresIn, this.#exchange.config),
      )
    return response
  }

  /** Does the same as {@link answer}, and clears the cookie of the pending sign-in that is finished now. */
  answerPendingDone(body: object, tokens: IssuedTokens): Response {
    const response = this.answer(body, tokens)
    if (this.asCookies)
      response.headers.append('set-cookie', pendingSignInCookie('', 0, this.#exchange.config))
    return response
  }

  /** Returns the response to a request for a mail. The handle of the browser is in the body or in a cookie. */
  answerMailed({ handle, expiresIn }: { handle: string; expiresIn: number }): Response {
    const body = { status: 'accepted', expiresIn }
    const response = privateJson(this.asCookies ? body : { ...body, mailedSignIn: handle }, 202)
    if (this.asCookies)
      response.headers.append('set-cookie', mailedSignInCookie(handle, expiresIn, this.#exchange.config))
    return response
  }

  /** Returns a response with `body`. The tokens are in the body or in cookies. */
  answer(body: object, tokens: IssuedTokens): Response {
    const { request, config } = this.#exchange
    const { accessToken, refreshToken, expiresIn, device } = tokens
    const response = this.asCookies
      ? privateJson({ ...body, expiresIn })
      : privateJson({ ...body, accessToken, refreshToken, expiresIn })
    if (this.asCookies)
      for (const cookie of tokenCookies(tokens, config)) response.headers.append('set-cookie', cookie)
    if (device === undefined) return response
    // If the caller is a browser, send the device id in a cookie. Scripts can read a header, and they must not read this id.
    if (isFrontend(request.headers, config) || !this.asCookies)
      response.headers.set(headerNames.device, device)
    else response.headers.append('set-cookie', deviceCookie(device, config))
    return response
  }
}
