import { advanceSession, findSession, type StoredSession } from '../store/session.ts'
import { findUser } from '../store/user.ts'
import { decideRefresh } from '../tokens/refresh-rule.ts'
import type { Context } from './context.ts'
import { endAndAnnounce } from './end-session.ts'
import { FlowError } from './flow-error.ts'
import { type IssuedTokens, issueTokens } from './issue-tokens.ts'

export type RefreshOutcome = { tokens: IssuedTokens; kind: 'rotate' | 'repeat' | 'sibling' }

const ended = () => new FlowError('session_ended', { clearCookies: true })

/** Spends a refresh token by the rule of DESIGN section 5: decide, compare-and-set, and if another was first, decide again. */
export async function refresh(context: Context, token: string): Promise<RefreshOutcome> {
  const { refreshTokens, database, clock, config } = context
  const presented = refreshTokens.parse(token)
  if (presented === null) throw ended()
  for (;;) {
    const session = await findSession(database, presented.sessionId)
    if (
      session === null ||
      !refreshTokens.isGenuine(presented, session.salt) ||
      !isLive(session, clock(), config.sessionIdleSeconds)
    )
      throw ended()
    const now = clock()
    const decision = decideRefresh(session, presented, now, config.refreshGraceSeconds * 1000)
    if (decision.kind === 'reuse') {
      await endAndAnnounce(context, session.id, 'reuse')
      throw ended()
    }
    if (
      decision.kind !== 'repeat' &&
      !(await advanceSession(database, session.id, session, decision.next, now))
    )
      continue
    const user = await findUser(database, session.userId)
    if (user === null) throw ended()
    return { tokens: await issueTokens(context, session, user, decision.answer), kind: decision.kind }
  }
}

/** Whether a session can still be used: not ended, inside its sliding idle end and its absolute end. */
export function isLive(session: StoredSession, now: number, idleSeconds: number): boolean {
  return session.endedAt === null && now < session.expiresAt && now < session.lastUsedAt + idleSeconds * 1000
}
