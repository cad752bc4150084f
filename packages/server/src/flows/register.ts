import type { User } from '@sallyport/protocol'
import { addUser, type StoredUser } from '../store/user.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { beginSession, type IssuedTokens } from './issue-tokens.ts'
import { hashPassword, requireLength } from './password.ts'
import { counted } from './sign-in-outcome.ts'
import { toUser } from './to-user.ts'

export type NewUser = { email: string; password: string; name: string; roles?: string[] }

/** Creates a user. A taken address costs the same hash as a free one. */
export async function createUser(
  context: Context,
  { email, password, name, roles }: NewUser,
  signal: Caller['signal'] = null,
): Promise<{ user: StoredUser; passwordHash: string }> {
  requireLength(password, context.config.minimumPasswordLength)
  const secret = await hashPassword(context, password, signal)
  const now = context.clock()
  const user = {
    id: context.newId(),
    email,
    name,
    roles: roles ?? context.config.defaultRoles,
    version: 0,
    createdAt: now,
    updatedAt: now,
    signedInAt: null,
    disabledAt: null,
  }
  if (!(await addUser(context.database, user, secret))) {
    throw new FlowError('email_unavailable', {
      details: { errors: [{ field: 'email', message: 'This address cannot be used. Sign in instead?' }] },
    })
  }
  return { user, passwordHash: secret }
}

/** Signs up: creates the user and signs in. */
export async function register(
  context: Context,
  details: NewUser,
  caller: Caller,
): Promise<{ user: User; tokens: IssuedTokens }> {
  return counted(context.metrics.countSignUp, caller, async () => {
    const { user, passwordHash } = await createUser(context, details, caller.signal)
    const tokens = await beginSession(context, user, passwordHash, caller)
    // Disabled between two statements: then there is an account, and nobody is signed in to it.
    if (tokens === null) throw new FlowError('invalid_credentials')
    return { user: toUser(user), tokens }
  })
}
