import { headers as headerNames, type SignInCookie } from '@sallyport/protocol'
import type { Transport } from '@sallyport/protocol/endpoints'
import type { IssuedTokens } from '../flows/session/issue-tokens.ts'
import { FlowError } from '../services/flow-error.ts'
import { privateJson } from './answers.ts'
import { isFrontend } from './client-address.ts'
import { deviceCookie, readSignInSecret, signInCookie, tokenCookies } from './cookies.ts'
import type { Exchange } from './exchange.ts'
import { requireAllowedOrigin } from './origin-rule.ts'

/** The members of bodies with the secrets of {@link SignInCookie}, for bearer clients. */
const members = {
  pendingSignIn: 'pendingSignIn',
  mailedSignIn: 'mailedSignIn',
  passkey: 'handle',
  providerState: 'providerState',
} as const satisfies Record<SignInCookie, string>
type Secrets = Partial<Record<(typeof members)[SignInCookie], string | undefined>>

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

  /**
   * Returns the transport for a request without the member `transport`. It is the one of the secret of {@link secretOf}: in the body, or in
   * a cookie.
   */
  static likeSecret(exchange: Exchange, cookie: SignInCookie, body: Secrets | undefined): TokenTransport {
    return new TokenTransport(body?.[members[cookie]] === undefined, exchange)
  }

  /**
   * Returns the secret of one step of a sign-in: from the body of a bearer client, otherwise from the cookie of the browser. Returns null if
   * there is none.
   *
   * @throws FlowError `invalid_request` when a browser sends the secret in the body, because then the step would not be bound to this
   * browser; `origin_refused` when the secret is in a cookie and the origin is not allowed.
   */
  secretOf(cookie: SignInCookie, body: Secrets | undefined): string | null {
    const field = members[cookie]
    const given = body?.[field]
    if (!this.asCookies) return given ?? null
    if (given !== undefined) {
      const errors = [{ field, message: 'This field is allowed only with transport "bearer".' }]
      throw new FlowError('invalid_request', { details: { errors } })
    }
    const { request, config } = this.#exchange
    const secret = readSignInSecret(cookie, request.headers.get('cookie'), config)
    if (secret !== null) requireAllowedOrigin(this.#exchange, true)
    return secret
  }

  /** Returns a response with `body`, and the secret of one step of a sign-in in the body or in a cookie. */
  answerSecret<Body extends { expiresIn: number }>(
    cookie: SignInCookie,
    secret: string,
    body: Body,
    status?: number,
  ): Response {
    if (!this.asCookies) return privateJson({ ...body, [members[cookie]]: secret }, status)
    const response = privateJson(body, status)
    const line = signInCookie(cookie, secret, body.expiresIn, this.#exchange.config)
    response.headers.append('set-cookie', line)
    return response
  }

  /** Deletes the cookie of a step that is finished. */
  without(cookie: SignInCookie, response: Response): Response {
    if (this.asCookies)
      response.headers.append('set-cookie', signInCookie(cookie, '', 0, this.#exchange.config))
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
