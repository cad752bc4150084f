import { headers as headerNames } from '@sallyport/protocol'
import type { Transport } from '@sallyport/protocol/endpoints'
import type { IssuedTokens } from '../flows/session/issue-tokens.ts'
import { FlowError } from '../services/flow-error.ts'
import { privateJson } from './answers.ts'
import { isFrontend } from './client-address.ts'
import { deviceCookie, tokenCookies } from './cookies.ts'
import type { Exchange } from './exchange.ts'
import { requireAllowedOrigin } from './origin-rule.ts'

/** How tokens are sent to the caller: in cookies or in the body. Only this class sends tokens, and creating one checks the origin. */
export class TokenTransport {
  readonly asCookies: boolean
  readonly #exchange: Exchange

  private constructor(asCookies: boolean, exchange: Exchange) {
    this.asCookies = asCookies
    this.#exchange = exchange
  }

  /**
   * For a new session: in cookies, unless the body asks for `bearer`.
   *
   * @throws FlowError `origin_refused` for cookies without an allowed origin; `credential_conflict` for `bearer` with our cookies: such a
   * caller is a browser, whose scripts must not see tokens.
   */
  static forNewSession(exchange: Exchange, asked: Transport | undefined): TokenTransport {
    const asCookies = asked !== 'bearer'
    if (asCookies) requireAllowedOrigin(exchange, true)
    else if (exchange.cookies.carried)
      throw new FlowError('credential_conflict', { reason: 'transport "bearer", and cookies' })
    return new TokenTransport(asCookies, exchange)
  }

  /** For a refresh: as the refresh token was sent, in the body or in a cookie. The origin of a cookie was checked before. */
  static likeRefreshToken(exchange: Exchange, inBody: string | undefined): TokenTransport {
    return new TokenTransport(inBody === undefined, exchange)
  }

  /** Returns `body` with the tokens, or with cookies that contain them. */
  answer(body: object, tokens: IssuedTokens): Response {
    const { request, config } = this.#exchange
    const { accessToken, refreshToken, expiresIn, device } = tokens
    const response = this.asCookies
      ? privateJson({ ...body, expiresIn })
      : privateJson({ ...body, accessToken, refreshToken, expiresIn })
    if (this.asCookies)
      for (const cookie of tokenCookies(tokens, config)) response.headers.append('set-cookie', cookie)
    if (device === undefined) return response
    // A header only if the caller has none of our cookies: scripts must not read the value of a cookie.
    if (isFrontend(request.headers, config) || !this.asCookies)
      response.headers.set(headerNames.device, device)
    else response.headers.append('set-cookie', deviceCookie(device, config))
    return response
  }
}
