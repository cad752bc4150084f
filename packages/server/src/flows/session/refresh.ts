import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError, isRefusal } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { advanceSession, findSession, type StoredSession } from '../../store/session.ts'
import type { StoredUser } from '../../store/user.ts'
import type { RefreshOutcome } from '../../telemetry/metrics.ts'
import { inSpan, type Span } from '../../telemetry/traces.ts'
import { decideRefresh, type Presented } from '../../tokens/refresh-rule.ts'
import { claimedSessionOf } from '../../tokens/sign-access-token.ts'
import { type AddedClaims, addedClaims, areOf } from './added-claims.ts'
import { endAndAnnounce } from './end-session.ts'
import { type IssuedTokens, issueTokens } from './issue-tokens.ts'
import { isLive } from './session-life.ts'

/**
 * How often the `claims` hook may run for one refresh. The hook runs again if the user has changed in the meantime. Without a limit, a user
 * who changes again and again could make the hook run without end.
 */
const maxMakings = 2

const ended = (reason: string, sessionId?: string) =>
  new FlowError('session_ended', { clearCookies: true, reason, ...(sessionId && { sessionId }) })

/**
 * Exchanges a refresh token as the refresh rule says (docs/refresh.md). The rule decides from the stored session. Then the session is
 * written only if it has not changed since it was read. If another request has changed the session, the rule decides again.
 *
 * @throws FlowError `session_ended` for every invalid token. If a token is reused, its session also ends. `credential_conflict` when the
 * access token of the same request belongs to another session, because an attacker may have put one of the two tokens into the browser.
 */
export async function refresh(
  context: Context,
  token: string,
  accessToken: string | null,
  source: RequestSource,
): Promise<IssuedTokens> {
  const refreshIn = async (span: Span) => {
    const record = (outcome: RefreshOutcome) => {
      context.metrics.countRefresh(outcome)
      span.setAttribute('sallyport.refresh.outcome', outcome)
    }
    const spent = await spend(context, token, accessToken, source).catch((error: unknown) => {
      record(isRefusal(error) ? 'refused' : 'failed')
      throw error
    })
    record(spent.outcome)
    const { session, user } = spent
    if (spent.outcome === 'restored') {
      await endRestored(context, session.id, source)
      throw ended('restored', session.id)
    }
    if (spent.outcome === 'reuse') {
      await endReused(context, session, user, source)
      throw ended('reuse', session.id)
    }
    return issueTokens(context, session, user, spent.next, spent.added)
  }
  return inSpan('sallyport.refresh', refreshIn, isRefusal)
}

/** The result for a genuine refresh token that was presented. `next` is the refresh token to issue. */
type Spent = { session: StoredSession; user: StoredUser } & (
  | { outcome: 'rotate' | 'repeat' | 'sibling'; next: Presented; added: AddedClaims }
  | { outcome: 'restored' }
  | { outcome: 'reuse' }
)

/**
 * Applies the refresh rule to a token, and writes the session.
 *
 * @throws FlowError as `refresh` does, for every invalid token. If a token was reused, or if an older database was restored, nothing is
 * thrown, and `outcome` of the result is `reuse` or `restored`.
 */
async function spend(
  context: Context,
  token: string,
  accessToken: string | null,
  source: RequestSource,
): Promise<Spent> {
  const { address, userAgent } = source
  /** Counts a refused token, and throws. Valid tokens are never counted, and they are never refused because of the count. */
  const refuse = async (refusal: FlowError): Promise<never> => {
    await consumeQuota(context, 'refresh', source)
    throw refusal
  }
  const { refreshTokens, database, clock, config } = context
  const presented = refreshTokens.parse(token)
  if (presented === null) throw ended('malformed')
  const beside = accessToken === null ? undefined : claimedSessionOf(accessToken)
  if (beside !== undefined && beside !== presented.sessionId)
    throw new FlowError('credential_conflict', { clearCookies: true, reason: 'two sessions' })
  let added: AddedClaims | null = null
  let makings = 0
  for (;;) {
    const found = await findSession(database, presented.sessionId)
    if (found === null || !refreshTokens.isGenuine(presented, found.session.salt))
      return refuse(ended('no such session'))
    const { session, user } = found
    const now = clock()
    if (!isLive(session, now, config)) return refuse(ended('the session has ended', session.id))
    const decision = decideRefresh(session, presented, now, config.refreshGraceSeconds * 1000)
    if (decision.kind === 'restored' || decision.kind === 'reuse')
      return { outcome: decision.kind, session, user }
    if (!areOf(added, context, user)) {
      // Run the hook before the refresh token is used up, so that the token stays valid if the hook fails. Then read the session again.
      if (source.signal?.aborted || makings === maxMakings)
        throw new FlowError('unavailable', {
          retryAfterSeconds: 5,
          reason: source.signal?.aborted ? 'the client has disconnected' : 'the user keeps changing',
        })
      makings += 1
      added = await addedClaims(context, user, session.id)
      if (context.hooks.claims !== undefined) continue
    }
    if (
      decision.kind !== 'repeat' &&
      !(await advanceSession(database, session.id, session, decision.next, {
        lastUsedAt: now,
        idleSeconds: config.sessionIdleSeconds,
        address,
        userAgent,
      }))
    )
      continue
    return { outcome: decision.kind, session, user, next: decision.answer, added }
  }
}

/**
 * Ends a session because a genuine token is newer than the session in the database. This happens after an older copy of the database was
 * restored. The token was not stolen, so no mail is sent. But revocations that happened after that copy was made are lost, so the session
 * must end.
 */
async function endRestored(context: Context, sessionId: string, source: RequestSource): Promise<void> {
  context.onRestoredStore()
  await endAndAnnounce(context, sessionId, 'restored', {
    action: 'session_restored',
    actor: 'nobody',
    source,
  })
}

/** Ends the session of a reused token, because the token may be stolen. Mails the user of the session (docs/refresh.md). */
async function endReused(
  context: Context,
  { id }: StoredSession,
  user: StoredUser,
  source: RequestSource,
): Promise<void> {
  const { mailer, clock } = context
  const details = { name: nameInMail(user), at: clock() }
  await endAndAnnounce(context, id, 'reuse', {
    action: 'refresh_reuse',
    result: 'refused',
    actor: 'nobody',
    source,
    alongside: (transaction) => mailer.queue(transaction, user.email, 'sessions_ended', details),
  })
  mailer.wake()
}
