import type { endpoints } from '@sallyport/protocol/endpoints'
import { refresh } from '../../flows/session/refresh.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { Handler } from '../handler.ts'
import { TokenTransport } from '../token-transport.ts'

export const refreshHandler: Handler<typeof endpoints.refresh> = async (input, context) => {
  const { body, cookies, bearer, source } = input
  if (body.refreshToken !== undefined && cookies.carried)
    throw new FlowError('credential_conflict', { reason: 'refresh token in the body, and cookies' })
  const token = body.refreshToken ?? cookies.refreshToken
  if (token === null) throw new FlowError('token_missing')
  const tokens = await refresh(context, token, bearer ?? cookies.accessToken, source)
  return TokenTransport.likeRefreshToken(input, body.refreshToken).answer({}, tokens)
}
