import type { Principal, User } from '@sallyport/protocol'
import { renameUser } from '../store/user.ts'
import type { Context } from './context.ts'
import { currentSession } from './session.ts'

export async function readProfile(context: Context, principal: Principal): Promise<User> {
  return (await currentSession(context, principal)).user
}

export async function updateProfile(
  context: Context,
  principal: Principal,
  { name }: { name: string },
): Promise<User> {
  const { user } = await currentSession(context, principal)
  await renameUser(context.database, user.id, name, context.clock())
  return { ...user, name }
}
