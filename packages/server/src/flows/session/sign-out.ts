import { AuthError } from '@sallyport/verify'
import type { Context, RequestSource } from '../../services/context.ts'
import { findSession } from '../../store/session.ts'
import { endAndAnnounce } from './end-session.ts'

/**
 * Ends each session for which the caller sends a genuine refresh token or a valid access token. A refresh token that was used already also
 * ends its session. Unknown, forged and expired tokens end nothing and cause no error.
 */
export async function signOut(
  context: Context,
  credentials: { refreshTokens: readonly (string | null)[]; accessTokens: readonly (string | null)[] },
  source: RequestSource,
): Promise<void> {
  const found = [
    ...(await Promise.all(credentials.refreshTokens.map((token) => sessionOfRefreshToken(context, token)))),
    ...(await Promise.all(credentials.accessTokens.map((token) => sessionOfAccessToken(context, token)))),
  ]
  for (const sessionId of new Set(found))
    if (sessionId !== null)
      await endAndAnnounce(context, sessionId, 'sign_out', { action: 'sign_out', source })
}

async function sessionOfRefreshToken(
  { refreshTokens, database }: Context,
  token: string | null,
): Promise<string | null> {
  const presented = token === null ? null : refreshTokens.parse(token)
  const found = presented && (await findSession(database, presented.sessionId))
  return found && refreshTokens.isGenuine(presented, found.session.salt) ? found.session.id : null
}

async function sessionOfAccessToken({ verifier }: Context, token: string | null): Promise<string | null> {
  if (token === null) return null
  try {
    return (await verifier.verify(token)).sessionId
  } catch (error) {
    if (error instanceof AuthError) return null
    throw error
  }
}
