import type { User } from '@sallyport/protocol'
import { addUser, type StoredUser } from '../store/user.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { type IssuedTokens, openSession } from './issue-tokens.ts'
import { hashPassword } from './password.ts'
import { toUser } from './to-user.ts'

export type NewUser = { email: string; password: string; name: string; roles?: string[] }

/** Creates a user. A taken address costs the same hash as a free one. */
export async function createUser(
  context: Context,
  { email, password, name, roles }: NewUser,
  signal: Caller['signal'] = null,
): Promise<StoredUser> {
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
  }
  if (!(await addUser(context.database, user, secret))) {
    throw new FlowError('email_unavailable', {
      details: { errors: [{ field: 'email', message: 'This address cannot be used. Sign in instead?' }] },
    })
  }
  return user
}

/** Signs up: creates the user and signs in. */
export async function register(
  context: Context,
  details: NewUser,
  caller: Caller,
): Promise<{ user: User; tokens: IssuedTokens }> {
  const user = await createUser(context, details, caller.signal)
  return { user: toUser(user), tokens: await openSession(context, user, ['pwd'], caller) }
}

/** One code point is one character (NIST 800-63B-4 section 3.1.1.2). */
function requireLength(password: string, least: number): void {
  if ([...password.normalize('NFC')].length < least) {
    throw new FlowError('invalid_request', {
      details: {
        errors: [{ field: 'password', message: `Use at least ${least} characters; a few words are good.` }],
      },
    })
  }
}
