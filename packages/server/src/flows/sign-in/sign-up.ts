import type { User } from '@sallyport/protocol'
import type { UserFieldValues } from '../../config/user-fields.ts'
import { requireOwnConsent } from '../../services/ask-hook.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Caller, Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { toUser } from '../../services/to-user.ts'
import { sendVerification } from '../../services/verification-mail.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addUser, type StoredUser } from '../../store/user.ts'
import type { IssuedTokens } from '../session/issue-tokens.ts'
import { noteSignUp, tellOfSignUp } from './after-sign-up.ts'
import { beginSession } from './open-session.ts'
import {
  type AcceptablePassword,
  hashNewPassword,
  requireAcceptablePassword,
  requireCapacity,
} from './password.ts'
import { askToSignUp } from './pending-sign-up.ts'
import { countOutcome } from './sign-in-outcome.ts'

export type NewUser = {
  email: string
  password: string
  name: string
  roles?: string[]
  /** What the product's own fields hold; judged already. */
  fields?: UserFieldValues
}

type Acceptable = Omit<NewUser, 'password'> & { password: AcceptablePassword }

/**
 * Creates a user: whoever signs up, or, where nobody calls, one whose address an operator vouches for. A taken address costs the same
 * hash.
 */
export async function createUser(
  context: Context,
  { email, password, name, roles, fields = {} }: Acceptable,
  caller: Caller | null,
): Promise<{ user: StoredUser; passwordHash: string }> {
  const { config, clock, newId, database, mailer } = context
  const passwordHash = await hashNewPassword(context, password, caller?.signal ?? null)
  const now = clock()
  const user: StoredUser = {
    id: newId(),
    email,
    name,
    roles: roles ?? config.defaultRoles,
    version: 0,
    createdAt: now,
    updatedAt: now,
    signedInAt: null,
    disabledAt: null,
    emailVerifiedAt: caller === null ? now : null,
    deleteAt: null,
    fields,
  }
  const isAdded = await inTransaction(database, async (transaction) => {
    if (!(await addUser(transaction, user, passwordHash))) return false
    // An operator knows whom they have created.
    if (caller !== null) {
      await noteSignUp(context, transaction, user.id)
      if (config.emailVerification !== 'off') await sendVerification(context, transaction, user, caller)
    }
    await recordAuditEvent(context, transaction, caller, {
      action: 'sign_up',
      userId: user.id,
      ...(caller === null && { actor: 'operator' }),
    })
    return true
  })
  if (!isAdded) {
    throw new FlowError('email_unavailable', {
      details: { errors: [{ field: 'email', message: 'This address cannot be used. Sign in instead?' }] },
    })
  }
  mailer.wake()
  if (caller !== null) tellOfSignUp(context, user)
  return { user, passwordHash }
}

/** Signs up: creates the user and signs in; or, where an address must be proven first, mails a link and answers null. */
export async function signUp(
  context: Context,
  details: NewUser,
  caller: Caller,
): Promise<{ user: User; tokens: IssuedTokens } | null> {
  return countOutcome(context.metrics.countSignUp, caller, async () => {
    requireCapacity(context)
    // Before the quota: a password that is refused does not count as a sign-up.
    const password = await requireAcceptablePassword(context, details.password, details)
    await consumeQuota(context, 'sign_up', caller, details.email)
    // Before the store is asked: what the product says cannot tell whether an address is known. Counted, for it may cost money.
    await requireOwnConsent(context, { fields: {}, ...details }, caller)
    return context.config.emailVerification === 'sign-in'
      ? signUpAfterProof(context, { ...details, password }, caller)
      : signUpAtOnce(context, { ...details, password }, caller)
  })
}

async function signUpAfterProof(
  context: Context,
  { email, password, name, fields = {} }: Acceptable,
  caller: Caller,
): Promise<null> {
  const { defaultRoles: roles } = context.config
  const passwordHash = await hashNewPassword(context, password, caller.signal)
  await askToSignUp(context, { email, name, passwordHash, roles, fields }, caller)
  return null
}

async function signUpAtOnce(
  context: Context,
  details: Acceptable,
  caller: Caller,
): Promise<{ user: User; tokens: IssuedTokens }> {
  const { user, passwordHash } = await createUser(context, details, caller)
  const tokens = await beginSession(context, user, passwordHash, caller)
  // Disabled between two statements: then there is an account, and nobody is signed in to it.
  if (tokens === null) throw new FlowError('invalid_credentials')
  return { user: toUser(context.config, user), tokens }
}
