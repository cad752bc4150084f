import { emailSchema } from '@sallyport/protocol'
import { faultOfRoleNames } from '../../config/roles.ts'
import { byOperator } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { forgetTries } from '../../services/throttles.ts'
import { tooLarge } from '../../services/token-size.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { dropOneTimeTokensOf } from '../../store/one-time-token.ts'
import {
  findUserByEmail,
  findUserById,
  listUsers,
  type StoredUser,
  setDisabled,
  setRoles,
} from '../../store/user.ts'
import { endAllAndAnnounce, revokedUntil } from '../session/end-session.ts'

/** Returns the user with this id or email address, or null if there is no such user. */
export async function findUser({ database }: Context, idOrEmail: string): Promise<StoredUser | null> {
  const address = emailSchema.safeParse(idOrEmail)
  if (!address.success) return findUserById(database, idOrEmail)
  const found = await findUserByEmail(database, address.data)
  if (found === null) return null
  const { passwordHash: _, ...user } = found
  return user
}

/** Yields all users, oldest first. Reads them in pages. */
export async function* eachUser({ database }: Context): AsyncGenerator<StoredUser> {
  for (let after: string | null = null; ; ) {
    const page: StoredUser[] = await listUsers(database, { after, limit: 500 })
    yield* page
    after = page.at(-1)?.id ?? null
    if (page.length < 500) return
  }
}

/**
 * Checks that a user can have these roles.
 *
 * @throws FlowError `invalid_request` when a role is not defined, or when a token with these roles would not fit into a cookie.
 */
export function requireRoles(context: Pick<Context, 'config'>, roles: readonly string[]): void {
  const message = faultOfRoles(context, roles)
  if (message === null) return
  throw new FlowError('invalid_request', { details: { errors: [{ field: 'roles', message }] } })
}

/** Returns the reason why a user cannot have these roles. Returns null if the user can have them. */
export function faultOfRoles(context: Pick<Context, 'config'>, roles: readonly string[]): string | null {
  return faultOfRoleNames(context.config, roles) ?? tooLarge(context, [...new Set(roles)])
}

/** Replaces the roles of a user. The new roles apply from the user's next request. The user's sessions continue. */
export async function replaceRoles(context: Context, userId: string, roles: string[]): Promise<void> {
  requireRoles(context, roles)
  const now = context.clock()
  const times = { now, until: revokedUntil(now) }
  const all = [...new Set(roles)]
  const isFound = await setRoles(context.database, userId, all, times, (transaction) =>
    byOperator(context, transaction, 'roles_change', userId, { roles: all.join() }),
  )
  if (!isFound) throw new FlowError('not_found', { reason: 'no such user' })
  await context.revocations.announce()
}

/** Resets the counts of wrong passwords for a user and the address of the user, so that the user can sign in immediately. */
export async function unlockUser(context: Context, userId: string): Promise<void> {
  await inTransaction(context.database, async (transaction) => {
    const user = await findUserById(transaction, userId)
    if (user === null) throw new FlowError('not_found', { reason: 'no such user' })
    await forgetTries(context, transaction, user)
    await byOperator(context, transaction, 'user_unlocked', userId)
  })
}

/** Disables a user and ends their sessions, or enables the user again. */
export async function disableUser(context: Context, userId: string, isDisabled: boolean): Promise<void> {
  if (!isDisabled)
    return inTransaction(context.database, async (transaction) => {
      await setDisabled(transaction, userId, null)
      await byOperator(context, transaction, 'user_enabled', userId)
    })
  await endAllAndAnnounce(context, userId, { reason: 'disabled' }, async (transaction, now) => {
    await setDisabled(transaction, userId, now)
    await dropOneTimeTokensOf(transaction, userId)
    await byOperator(context, transaction, 'user_disabled', userId)
    return true
  })
}
