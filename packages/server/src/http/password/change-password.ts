import type { endpoints } from '@sallyport/protocol/endpoints'
import { changePassword } from '../../flows/account/change-password.ts'
import type { Handler } from '../handler.ts'

/** The caller stays signed in here, and nowhere else. */
export const changePasswordHandler: Handler<typeof endpoints.changePassword> = (
  { authenticated, body, source },
  context,
) => changePassword(context, authenticated, body, source)
