import type { SessionResponse } from '@sallyport/protocol'
import type { Authenticated } from './authenticate.ts'
import type { Context } from './context.ts'
import { absoluteEndOf } from './session-life.ts'
import { toUser } from './to-user.ts'

/** Who is signed in, and since when. */
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
