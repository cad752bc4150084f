import type { UserFieldValues } from '../../config/user-fields.ts'
import { requireOwnConsent } from '../../services/ask-hook.ts'
import { recordAuditEvent } from '../../services/audit-log.ts'
import type { Context, RequestSource } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { consumeQuota } from '../../services/throttles.ts'
import { sendVerification } from '../../services/verification-mail.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { addUser, type StoredUser } from '../../store/user.ts'
import { noteSignUp, tellOfSignUp } from './after-sign-up.ts'
import { beginSession, byPassword, type SignInResult } from './gate.ts'
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
  /** The values of the user fields that the app has declared. They are already checked. */
  fields?: UserFieldValues
}

type Acceptable = Omit<NewUser, 'password'> & { password: AcceptablePassword }

/**
 * Creates a user. `source` is the request of the sign-up. `source` is null if an operator creates the user. In this case the address counts
 * as verified. The password is hashed before the address is looked up. So the request takes the same time whether or not the address has an
 * account.
 */
export async function createUser(
  context: Context,
  { email, password, name, roles, fields = {} }: Acceptable,
  source: RequestSource | null,
): Promise<{ user: StoredUser; passwordHash: string }> {
  const { config, clock, newId, database, mailer } = context
  const passwordHash = await hashNewPassword(context, password, source?.signal ?? null)
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
    emailVerifiedAt: source === null ? now : null,
    deleteAt: null,
    fields,
  }
  const isAdded = await inTransaction(database, async (transaction) => {
    if (!(await addUser(transaction, user, passwordHash))) return false
    // If an operator creates a user, the hook `afterSignUp` is not called and no verification mail is sent.
    if (source !== null) {
      await noteSignUp(context, transaction, user.id)
      if (config.emailVerification !== 'off') await sendVerification(context, transaction, user, source)
    }
    await recordAuditEvent(context, transaction, source, {
      action: 'sign_up',
      userId: user.id,
      ...(source === null && { actor: 'operator' }),
    })
    return true
  })
  if (!isAdded) {
    throw new FlowError('email_unavailable', {
      details: { errors: [{ field: 'email', message: 'This address cannot be used. Sign in instead?' }] },
    })
  }
  mailer.wake()
  if (source !== null) tellOfSignUp(context, user)
  return { user, passwordHash }
}

/**
 * Signs up. Creates the user and signs them in. If the address must be verified before the first sign-in, mails a link and returns null
 * instead.
 */
export async function signUp(
  context: Context,
  details: NewUser,
  source: RequestSource,
): Promise<SignInResult | null> {
  return countOutcome(context.metrics.countSignUp, source, async () => {
    requireCapacity(context)
    // A sign-up is not counted if the password policy refuses its password.
    const password = await requireAcceptablePassword(context, details.password, details)
    await consumeQuota(context, 'sign_up', source, details.email)
    // Call the app's hook before the database is read, so that the result does not show whether the address has an account. The sign-up is
    // counted before this call, because a call of the hook may cost money.
    await requireOwnConsent(context, { fields: {}, ...details }, source)
    return context.config.emailVerification === 'sign-in'
      ? signUpAfterProof(context, { ...details, password }, source)
      : signUpAtOnce(context, { ...details, password }, source)
  })
}

async function signUpAfterProof(
  context: Context,
  { email, password, name, fields = {} }: Acceptable,
  source: RequestSource,
): Promise<null> {
  const { defaultRoles: roles } = context.config
  const passwordHash = await hashNewPassword(context, password, source.signal)
  await askToSignUp(context, { email, name, passwordHash, roles, fields }, source)
  return null
}

async function signUpAtOnce(
  context: Context,
  details: Acceptable,
  source: RequestSource,
): Promise<SignInResult> {
  const { user, passwordHash } = await createUser(context, details, source)
  const result = await beginSession(context, user, byPassword(passwordHash), source)
  // The user was disabled between two statements of this request. The account exists, but there is no session.
  if (result === null) throw new FlowError('invalid_credentials')
  return result
}
