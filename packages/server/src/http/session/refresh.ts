import { refreshRequestSchema } from '@sallyport/protocol'
import { refresh } from '../../flows/session/refresh.ts'
import { FlowError } from '../../services/flow-error.ts'
import { withTokens } from '../answers.ts'
import { readJsonBody } from '../json-body.ts'
import { requireAllowedOrigin } from '../origin-rule.ts'
import type { Route } from '../route.ts'

/** `POST refresh`: the next pair, by the way that the token came. */
export const refreshRoute: Route = async (exchange, context) => {
  requireAllowedOrigin(exchange)
  const { cookies, bearer, config } = exchange
  const body = await readJsonBody(exchange, refreshRequestSchema, { mayBeEmpty: true })
  if (body.refreshToken !== undefined && cookies.carried)
    throw new FlowError('credential_conflict', { reason: 'a body beside cookies' })
  const token = body.refreshToken ?? cookies.refreshToken
  if (token === null) throw new FlowError('token_missing')
  const tokens = await refresh(context, token, bearer ?? cookies.accessToken, exchange.caller)
  return withTokens({}, tokens, {
    asCookies: body.refreshToken === undefined,
    headers: exchange.request.headers,
    config,
  })
}
