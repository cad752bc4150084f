import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { Attempt } from '../../services/throttles.ts'
import { openSession, type StoredSession } from '../../store/session.ts'
import { type StoredUser, setDeletion } from '../../store/user.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { addedClaims } from '../session/added-claims.ts'
import { deviceOf, welcomeDevice } from '../session/devices.ts'
import { type IssuedTokens, issueTokens } from '../session/issue-tokens.ts'

/**
 * Opens a session for a user whose password was just checked against this hash, and issues its first tokens. Returns null if the hash has
 * changed since, or the user is disabled.
 */
export async function beginSession(
  context: Context,
  user: StoredUser,
  passwordHash: string,
  source: RequestSource,
  attempt?: Pick<Attempt, 'reset'>,
): Promise<IssuedTokens | null> {
  const { config, clock, newId, newSalt, database } = context
  const id = newId()
  // Before the session is stored, because a failure would leave a session without tokens.
  const added = await addedClaims(context, user, id).catch(async (error: unknown) => {
    // A sign-in with the right password that fails here is recorded, too, as wrong passwords are.
    await recordAuditEvent(context, database, source, {
      action: 'sign_in',
      result: 'refused',
      userId: user.id,
      details: { reason: 'claims' },
    })
    throw error
  })
  const now = clock()
  const device = deviceOf(context, source)
  const session: StoredSession = {
    id,
    userId: user.id,
    salt: newSalt(),
    generation: 0,
    parentBranch: -1,
    branches: 1,
    openedAt: now,
    methods: ['pwd'],
    authenticatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    expiresAt: now + config.sessionAbsoluteSeconds * 1000,
    endedAt: null,
    endReason: null,
    idleSeconds: config.sessionIdleSeconds,
    address: source.address,
    userAgent: source.userAgent,
  }
  const open = () =>
    openSession(database, session, passwordHash, async (transaction, { deleteAt }) => {
      const about = { userId: user.id, sessionId: session.id }
      await recordAuditEvent(context, transaction, source, { action: 'sign_in', ...about })
      await welcomeDevice(context, transaction, user, device, source)
      await attempt?.reset(transaction)
      if (deleteAt === null) return
      // A sign-in within the grace period keeps an account that is marked for deletion.
      await setDeletion(transaction, user.id, null)
      await recordAuditEvent(context, transaction, source, { action: 'account_kept', ...about })
    })
  if (!(await inSpan('sallyport.open_session', open))) return null
  context.mailer.wake()
  return { ...issueTokens(context, session, user, { generation: 0, branch: 0 }, added), device }
}

/**
 * Opens a session after a mailed link was used. Returns null if tokens cannot be issued now, because after an error the user would try the
 * used link again; they can sign in with the password instead.
 */
export async function beginSessionIfPossible(
  ...[context, user, hash, source]: Parameters<typeof beginSession>
): Promise<IssuedTokens | null> {
  try {
    return await beginSession(context, user, hash, source)
  } catch (error) {
    if (error instanceof FlowError && error.code === 'unavailable') return null
    throw error
  }
}
