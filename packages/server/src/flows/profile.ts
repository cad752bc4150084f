import type { User } from '@sallyport/protocol'
import { renameUser } from '../store/user.ts'
import type { Authenticated } from './authenticate.ts'
import type { Context } from './context.ts'
import { toUser } from './to-user.ts'

export async function updateProfile(
  { database, clock }: Context,
  { user }: Authenticated,
  { name }: { name: string },
): Promise<User> {
  await renameUser(database, user.id, name, clock())
  return toUser({ ...user, name })
}
