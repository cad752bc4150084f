import type { endpoints } from '@sallyport/protocol/endpoints'
import { signOut } from '../../flows/session/sign-out.ts'
import { emptyAnswer, withClearedCookies } from '../answers.ts'
import type { Handler } from '../handler.ts'

/** Ends every session whose token was sent. If the caller sends the same tokens again, the response is the same. */
export const signOutHandler: Handler<typeof endpoints.signOut> = async (input, context) => {
  const { body, cookies, bearer, source } = input
  const credentials = {
    refreshTokens: [body.refreshToken ?? null, cookies.refreshToken],
    accessTokens: [bearer, cookies.accessToken],
  }
  await signOut(context, credentials, source)
  return withClearedCookies(emptyAnswer(), input)
}
