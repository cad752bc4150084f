import type { endpoints } from '@sallyport/protocol/endpoints'
import { changePassword } from '../../flows/account/change-password.ts'
import type { Handler } from '../handler.ts'

/** Changes the password. Ends all other sessions of the user. */
export const changePasswordHandler: Handler<typeof endpoints.changePassword> = (
  { authenticated, body, source },
  context,
) => changePassword(context, authenticated, body, source)
