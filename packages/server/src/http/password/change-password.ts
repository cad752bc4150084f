import type { endpoints } from '@sallyport/protocol/endpoints'
import { changePassword } from '../../flows/account/change-password.ts'
import type { Handler } from '../handler.ts'

/** Ends all sessions of the user except the caller's. */
export const changePasswordHandler: Handler<typeof endpoints.changePassword> = (
  { authenticated, body, source },
  context,
) => changePassword(context, authenticated, body, source)
