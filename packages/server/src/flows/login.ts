import { emailSchema, type User } from '@sallyport/protocol'
import { findUserByEmail, upgradePasswordHash } from '../store/user.ts'
import type { Context, Device } from './context.ts'
import { FlowError } from './flow-error.ts'
import { type IssuedTokens, openSession } from './issue-tokens.ts'
import { hashPassword, verifyPassword } from './password.ts'
import { toUser } from './to-user.ts'

/** Signs in. A malformed address, an unknown one and a wrong password are one answer, after the same work (A01, A02). */
export async function login(
  context: Context,
  { email, password }: { email: string; password: string },
  device: Device,
): Promise<{ user: User; tokens: IssuedTokens }> {
  const address = emailSchema.safeParse(email)
  const user = address.success ? await findUserByEmail(context.database, address.data) : null
  const right = await verifyPassword(context, password, user?.passwordHash ?? null)
  if (user === null || !right) throw new FlowError('invalid_credentials')
  if (user.passwordHash !== null && context.passwords.needsRehash(user.passwordHash)) {
    await upgradePasswordHash(
      context.database,
      user.id,
      user.passwordHash,
      await hashPassword(context, password),
    )
  }
  return { user: toUser(user), tokens: await openSession(context, user, ['pwd'], device) }
}
