import type { User } from '@sallyport/protocol'
import { renameUser } from '../store/user.ts'
import type { Authenticated } from './authenticate.ts'
import type { Caller, Context } from './context.ts'
import { toUser } from './to-user.ts'
import { record } from './trail.ts'

export async function updateProfile(
  context: Context,
  { user, session }: Authenticated,
  { name }: { name: string },
  caller: Caller,
): Promise<User> {
  await context.database.transaction().execute(async (transaction) => {
    await renameUser(transaction, user.id, name, context.clock())
    await record(context, transaction, caller, {
      action: 'profile_change',
      userId: user.id,
      sessionId: session.id,
    })
  })
  return toUser({ ...user, name })
}
