import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Caller, Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import type { Attempt } from '../../services/throttles.ts'
import { openSession, type StoredSession } from '../../store/session.ts'
import { type StoredUser, setDeletion } from '../../store/user.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { addedClaims } from '../session/added-claims.ts'
import { deviceOf, welcomeDevice } from '../session/devices.ts'
import { type IssuedTokens, issueTokens } from '../session/issue-tokens.ts'

/**
 * Opens a session for somebody whose password has just been checked against this hash, and issues its first tokens. Null if the hash
 * is not theirs any more, or they are disabled.
 */
export async function beginSession(
  context: Context,
  user: StoredUser,
  passwordHash: string,
  caller: Caller,
  attempt?: Pick<Attempt, 'reset'>,
): Promise<IssuedTokens | null> {
  const { config, clock, newId, newSalt, database } = context
  const id = newId()
  // Before there is a session, which nobody would have if this failed.
  const added = await addedClaims(context, user, id).catch(async (error: unknown) => {
    // Whoever finds the right password meanwhile leaves a line as well: those who did not have left theirs.
    await recordAuditEvent(context, database, caller, {
      action: 'sign_in',
      result: 'refused',
      userId: user.id,
      details: { reason: 'claims' },
    })
    throw error
  })
  const now = clock()
  const device = deviceOf(context, caller)
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
    address: caller.address,
    userAgent: caller.userAgent,
  }
  const open = () =>
    openSession(database, session, passwordHash, async (transaction, { deleteAt }) => {
      const about = { userId: user.id, sessionId: session.id }
      await recordAuditEvent(context, transaction, caller, { action: 'sign_in', ...about })
      await welcomeDevice(context, transaction, user, device, caller)
      await attempt?.reset(transaction)
      if (deleteAt === null) return
      // Signing in within the grace keeps an account that was to be deleted.
      await setDeletion(transaction, user.id, null)
      await recordAuditEvent(context, transaction, caller, { action: 'account_kept', ...about })
    })
  if (!(await inSpan('sallyport.open_session', open))) return null
  context.mailer.wake()
  return { ...issueTokens(context, session, user, { generation: 0, branch: 0 }, added), device }
}

/**
 * The same after a link has been spent: an error would send somebody back to it in vain. Where tokens cannot be made now, null, and they
 * sign in as anybody does.
 */
export async function beginSessionIfPossible(
  ...[context, user, hash, caller]: Parameters<typeof beginSession>
): Promise<IssuedTokens | null> {
  try {
    return await beginSession(context, user, hash, caller)
  } catch (error) {
    if (error instanceof FlowError && error.code === 'unavailable') return null
    throw error
  }
}
