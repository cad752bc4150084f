import { findSession } from '../store/session.ts'
import type { Context } from './context.ts'
import { endAndAnnounce } from './end-session.ts'

/** Ends the session of a refresh token, even a spent one, or of an access token. Unknown and dead ones are no error. */
export async function logout(
  context: Context,
  credential: { refreshToken: string | null; accessToken: string | null },
): Promise<void> {
  const sessionId =
    (await bySpentToken(context, credential.refreshToken)) ??
    (await byAccessToken(context, credential.accessToken))
  if (sessionId !== null) await endAndAnnounce(context, sessionId, 'sign_out')
}

async function bySpentToken(
  { refreshTokens, database }: Context,
  token: string | null,
): Promise<string | null> {
  const presented = token === null ? null : refreshTokens.parse(token)
  const session = presented && (await findSession(database, presented.sessionId))
  return presented && session && refreshTokens.isGenuine(presented, session.salt) ? session.id : null
}

async function byAccessToken({ verifier }: Context, token: string | null): Promise<string | null> {
  if (token === null) return null
  return verifier.verify(token).then(
    (principal) => principal.sessionId,
    () => null,
  )
}
