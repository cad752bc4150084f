import type { Principal } from '@sallyport/protocol'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { findSession, type StoredSession } from '../../store/session.ts'
import type { StoredUser } from '../../store/user.ts'
import { isLive } from './session-life.ts'

export type Authenticated = { user: StoredUser; session: StoredSession }

/**
 * Reads the user and the session of a verified access token from the database. Refuses the token of an organization: an API of the
 * organization also has it, and must not be able to change the account of the user with it.
 *
 * @throws FlowError `token_invalid`, `session_ended` or `token_stale`.
 */
export async function authenticate(context: Context, principal: Principal): Promise<Authenticated> {
  if (principal.organizationId !== undefined)
    throw new FlowError('token_invalid', { reason: 'the token of an organization' })
  return sessionOf(context, principal)
}

/**
 * Reads the user and the session of a verified access token from the database, also of the token of an organization.
 *
 * @throws FlowError `session_ended` or `token_stale`.
 */
export async function sessionOf(
  { database, clock, config, verifier }: Context,
  principal: Principal,
): Promise<Authenticated> {
  const found = await findSession(database, principal.sessionId)
  if (found === null || found.user.id !== principal.userId)
    throw new FlowError('session_ended', { reason: 'no such session' })
  const { user, session } = found
  if (!isLive(session, clock(), config))
    throw new FlowError('session_ended', { reason: 'the session has ended', sessionId: session.id })
  if (verifier.versionOf(principal) < user.version)
    throw new FlowError('token_stale', { reason: 'ver is outdated' })
  return { user, session }
}
