import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { type Attempt, consumeQuota } from '../../services/throttles.ts'
import { sendVerification } from '../../services/verification-mail.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { openSession, type StoredSession } from '../../store/session.ts'
import { type StoredUser, setDeletion } from '../../store/user.ts'
import { inSpan } from '../../telemetry/traces.ts'
import { addedClaims } from '../session/added-claims.ts'
import { deviceOf, welcomeDevice } from '../session/devices.ts'
import { type IssuedTokens, issueTokens } from '../session/issue-tokens.ts'

/**
 * Opens a session and issues its first tokens. The caller has just checked the user's password against `passwordHash`. Returns null if the
 * stored hash has changed since, or if the user is disabled.
 */
export async function beginSession(
  context: Context,
  user: StoredUser,
  passwordHash: string,
  source: RequestSource,
  attempt?: Pick<Attempt, 'reset'>,
): Promise<IssuedTokens | null> {
  const { config, clock, newId, newSalt, database } = context
  if (user.disabledAt !== null) return null
  await requireVerifiedAddress(context, user, source, attempt)
  const id = newId()
  // Call the hook before the session is stored. If the hook failed afterwards, there would be a session without tokens.
  const added = await addedClaims(context, user, id).catch(async (error: unknown) => {
    // Record this failed sign-in in the audit log, as for a wrong password, although the password was right.
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
      // If the account is marked for deletion and not deleted yet, this sign-in cancels the deletion.
      await setDeletion(transaction, user.id, null)
      await recordAuditEvent(context, transaction, source, { action: 'account_kept', ...about })
    })
  if (!(await inSpan('sallyport.open_session', open))) return null
  context.mailer.wake()
  return { ...issueTokens(context, session, user, { generation: 0, branch: 0 }, added), device }
}

/**
 * Refuses a user whose address must be verified before the sign-in. The account may be older than this setting, or it was imported. The
 * user has proved who they are, so this reveals nothing. Mails a new link, unless too many were requested.
 *
 * @throws FlowError `address_unverified`.
 */
async function requireVerifiedAddress(
  context: Context,
  user: StoredUser,
  source: RequestSource,
  attempt: Pick<Attempt, 'reset'> | undefined,
): Promise<void> {
  const { config, database, mailer } = context
  if (config.emailVerification !== 'sign-in' || user.emailVerifiedAt !== null) return
  const mayMail = await consumeQuota(context, 'mail', source, user.email).then(
    () => true,
    (error: unknown) => {
      if (error instanceof FlowError && error.code === 'too_many_requests') return false
      throw error
    },
  )
  await inTransaction(database, async (transaction) => {
    if (mayMail) await sendVerification(context, transaction, user, source)
    await recordAuditEvent(context, transaction, source, {
      action: 'sign_in',
      result: 'refused',
      userId: user.id,
      details: { reason: 'address' },
    })
    // The password was right.
    await attempt?.reset(transaction)
  })
  mailer.wake()
  throw new FlowError('address_unverified')
}

/**
 * Opens a session after a mailed link was used. If tokens cannot be issued now, returns null and does not throw. After an error, the user
 * would try the link again, but the link no longer works. After null, the user can sign in with the password.
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
