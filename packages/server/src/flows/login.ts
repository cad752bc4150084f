import { emailSchema, type User } from '@sallyport/protocol'
import { findUserByEmail, upgradePasswordHash } from '../store/user.ts'
import type { Caller, Context } from './context.ts'
import { FlowError } from './flow-error.ts'
import { beginSession, type IssuedTokens } from './issue-tokens.ts'
import { betterHash, requireRoom, verifyPassword } from './password.ts'
import { counted } from './sign-in-outcome.ts'
import { toUser } from './to-user.ts'
import { record } from './trail.ts'

/** Signs in. A malformed address, an unknown one and a wrong password are one answer, after the same work (A01, A02). */
export async function login(
  context: Context,
  { email, password }: { email: string; password: string },
  caller: Caller,
): Promise<{ user: User; tokens: IssuedTokens }> {
  return counted(context.metrics.countSignIn, caller, () => tryLogin(context, { email, password }, caller, 2))
}

async function tryLogin(
  context: Context,
  { email, password }: { email: string; password: string },
  caller: Caller,
  tries: number,
): Promise<{ user: User; tokens: IssuedTokens }> {
  requireRoom(context)
  const address = emailSchema.safeParse(email)
  const user = address.success ? await findUserByEmail(context.database, address.data) : null
  const stored = user?.passwordHash ?? null
  const isRight = await verifyPassword(context, password, stored, caller.signal)
  if (user === null || stored === null || !isRight) {
    await refused(context, user?.id ?? null, caller)
    throw new FlowError('invalid_credentials')
  }
  const better = await betterHash(context, password, stored)
  const hash =
    better !== null && (await upgradePasswordHash(context.database, user.id, stored, better))
      ? better
      : stored
  const tokens = await beginSession(context, user, hash, caller)
  // The password has been changed while we checked it, or its hash has been improved by another sign-in: it is checked anew, once.
  if (tokens === null && tries > 1) return tryLogin(context, { email, password }, caller, tries - 1)
  if (tokens === null) {
    await refused(context, user.id, caller)
    throw new FlowError('invalid_credentials')
  }
  return { user: toUser(user), tokens }
}

/** One line in the trail, whether the account exists or not: so that time tells nothing (A02). */
async function refused(context: Context, userId: string | null, caller: Caller): Promise<void> {
  await record(context, context.database, caller, {
    action: 'sign_in',
    result: 'refused',
    userId,
    actor: 'nobody',
  })
}
