import type { SessionResponse } from '@sallyport/protocol/endpoints'
import type { Context } from '../../services/context.ts'
import { toUser } from '../../services/to-user.ts'
import type { Authenticated } from './authenticate.ts'
import { absoluteEndOf } from './session-life.ts'

/** Describes the signed-in user and the session. */
export function describeSession(
  { config }: Pick<Context, 'config'>,
  { user, session }: Authenticated,
): SessionResponse {
  return {
    user: toUser(config, user),
    session: {
      id: session.id,
      createdAt: session.createdAt,
      authenticatedAt: session.authenticatedAt,
      expiresAt: absoluteEndOf(session, config),
    },
  }
}
