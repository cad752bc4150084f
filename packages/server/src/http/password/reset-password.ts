import { emailSchema } from '@sallyport/protocol'
import type { endpoints } from '@sallyport/protocol/endpoints'
import { askForReset, resetPassword } from '../../flows/account/reset-password.ts'
import type { Handler } from '../handler.ts'

export const forgotPasswordHandler: Handler<typeof endpoints.forgotPassword> = async (
  { body, source },
  context,
) => {
  // If the address is malformed, the response is the same as for an unknown address.
  await askForReset(context, emailSchema.safeParse(body.email).data ?? null, source)
  return { status: 'accepted' }
}

/** Sets the new password. Does not sign the user in. */
export const resetPasswordHandler: Handler<typeof endpoints.resetPassword> = ({ body, source }, context) =>
  resetPassword(context, body, source)
