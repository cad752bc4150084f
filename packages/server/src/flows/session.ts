import type { SessionResponse } from '@sallyport/protocol'
import type { Authenticated } from './authenticate.ts'
import { toUser } from './to-user.ts'

/** Who is signed in, and since when. */
export function describeSession({ user, session }: Authenticated): SessionResponse {
  return {
    user: toUser(user),
    session: {
      id: session.id,
      createdAt: session.createdAt,
      authenticatedAt: session.authenticatedAt,
      expiresAt: session.expiresAt,
    },
  }
}
