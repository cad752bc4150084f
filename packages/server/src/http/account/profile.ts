import type { endpoints } from '@sallyport/protocol/endpoints'
import { updateProfile } from '../../flows/account/profile.ts'
import { toUser } from '../../services/to-user.ts'
import type { Handler } from '../handler.ts'

export const readProfileHandler: Handler<typeof endpoints.readProfile> = ({ authenticated }, context) => ({
  user: toUser(context.config, authenticated.user),
})

export const updateProfileHandler: Handler<typeof endpoints.updateProfile> = async (
  { authenticated, body, source },
  context,
) => ({ user: await updateProfile(context, authenticated, body, source) })
