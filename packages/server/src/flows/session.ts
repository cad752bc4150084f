import type { Principal, SessionResponse } from '@sallyport/protocol'
import { findSession } from '../store/session.ts'
import { findUser, type StoredUser } from '../store/user.ts'
import type { Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { isLive } from './refresh.ts'
import { toUser } from './to-user.ts'

/** The user and session of a principal, as the store knows them now: the store is the authority, not the token. */
export async function currentSession(context: Context, principal: Principal): Promise<SessionResponse> {
  const session = await findSession(context.database, principal.sessionId)
  const user = await requireUser(context, principal)
  if (
    session === null ||
    session.userId !== user.id ||
    !isLive(session, context.clock(), context.config.sessionIdleSeconds)
  )
    throw new FlowError('session_ended')
  return {
    user: toUser(user),
    session: { id: session.id, createdAt: session.createdAt, expiresAt: session.expiresAt },
  }
}

export async function requireUser({ database }: Context, principal: Principal): Promise<StoredUser> {
  const user = await findUser(database, principal.userId)
  if (user === null) throw new FlowError('session_ended')
  return user
}
