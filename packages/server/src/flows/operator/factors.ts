import type { Factor } from '@sallyport/protocol/endpoints'
import { byOperator } from '../../services/audit-log.ts'
import type { Context } from '../../services/context.ts'
import { FlowError } from '../../services/flow-error.ts'
import { nameInMail } from '../../services/name-in-mail.ts'
import type { Database } from '../../store/database.ts'
import {
  addFactorRemoval,
  dropFactorRemoval,
  findFactorRemoval,
  takeDueRemoval,
  usersOfDueRemovals,
} from '../../store/factor-removal.ts'
import { inTransaction } from '../../store/group-commit.ts'
import { listPasskeys, removePasskeys } from '../../store/passkey.ts'
import { removeTotp } from '../../store/totp.ts'
import { findUserById, lockUser } from '../../store/user.ts'
import { dropAfterRemoval, factorsOf } from '../second-factor/stored-factors.ts'
import { endAllAndAnnounce } from '../session/end-session.ts'

/** The maximum number of characters of the reason for which an operator removes a factor. */
const maxReason = 500
/** The minimum and the maximum waiting time before a removal, in seconds: a minute and 30 days. */
const waitSeconds = { min: 60, max: 30 * 86_400 }

/** The factor that an operator removes, or all factors without an `id`, and how the user has proved who they are. */
type Removal = { id?: string | undefined; because: string }

/** What an operator has removed. */
export type RemovedFactors = { removed: number; left: number; sessions: number }

/** A second factor as an operator sees it. `removedAt` is when it will be removed, in milliseconds. Null if no removal is planned. */
export type OperatorFactor = Factor & { removedAt: number | null }

/** Returns the second factors of a user. */
export async function listFactors({ database }: Context, userId: string): Promise<OperatorFactor[]> {
  const removal = await findFactorRemoval(database, userId)
  return (await allFactorsOf(database, userId)).map((factor) => ({
    ...factor,
    removedAt: removal !== null && (removal.factorId ?? factor.id) === factor.id ? removal.dueAt : null,
  }))
}

/**
 * Returns the authenticator apps and the passkeys of a user. A passkey is a second factor too where one is required, so a user who has lost
 * it may need an operator.
 */
async function allFactorsOf(database: Database, userId: string): Promise<Factor[]> {
  const passkeys = await listPasskeys(database, userId)
  return [
    ...(await factorsOf(database, userId)),
    ...passkeys.map(({ id, name, createdAt, lastUsedAt }) => {
      return { id, kind: 'passkey' as const, name, createdAt, lastUsedAt }
    }),
  ]
}

/**
 * Removes one second factor of a user, or all, without a waiting time. Ends all sessions of the user, and asks for a factor in every
 * browser again. `because` says how the user has proved who they are; the audit log has it. The user gets a mail.
 *
 * @throws FlowError `not_found` when there is no such user or factor; `invalid_request` when no reason is given.
 */
export async function removeFactors(
  context: Context,
  userId: string,
  { id, because }: Removal,
): Promise<RemovedFactors> {
  const reason = requireReason(because)
  const removed = await endAfter(context, userId, (transaction, now) =>
    removeNow(context, transaction, userId, { id, because: reason }, now),
  )
  if (removed === null) throw noFactor()
  return removed
}

/**
 * Plans the removal of one second factor of a user, or of all, after a waiting time. The user gets a mail at once. The removal is cancelled
 * if the user proves two factors before that time. Returns when the factor will be removed, in milliseconds.
 *
 * @throws FlowError `not_found` when there is no such user or factor; `invalid_request` when no reason is given, when the waiting time is
 * not from a minute to 30 days, or when a removal is planned already.
 */
export async function planFactorRemoval(
  context: Context,
  userId: string,
  { id, because, afterSeconds }: Removal & { afterSeconds: number },
): Promise<number> {
  const { clock, database, mailer } = context
  const reason = requireReason(because)
  if (!(afterSeconds >= waitSeconds.min && afterSeconds <= waitSeconds.max))
    throw invalid('afterSeconds', 'The waiting time must be from a minute to 30 days.')
  const askedAt = clock()
  const dueAt = askedAt + Math.round(afterSeconds * 1000)
  await inTransaction(database, async (transaction) => {
    await lockUser(transaction, userId)
    const user = await findUserById(transaction, userId)
    const factors = chosen(await allFactorsOf(transaction, userId), id)
    if (user === null || factors.length === 0) throw noFactor()
    const planned = { userId, factorId: id ?? null, because: reason, askedAt, dueAt }
    if (!(await addFactorRemoval(transaction, planned)))
      throw invalid('user', 'A removal is planned already. Cancel it first.')
    await byOperator(context, transaction, 'second_factor_removal_asked', userId, {
      kind: kindsOf(factors),
      dueAt,
      because: reason,
    })
    await mailer.queue(transaction, user.email, 'second_factor_removal_asked', {
      name: nameInMail(user),
      at: askedAt,
      removeAt: dueAt,
    })
  })
  mailer.wake()
  return dueAt
}

/** Cancels the planned removal of second factors. Returns false if none is planned. */
export function cancelFactorRemoval(context: Context, userId: string): Promise<boolean> {
  return inTransaction(context.database, async (transaction) => {
    if (!(await dropFactorRemoval(transaction, userId))) return false
    await byOperator(context, transaction, 'second_factor_removal_cancelled', userId)
    return true
  })
}

/**
 * Carries out the removals whose waiting time is over. Each is deleted in the transaction that removes the factors, so it is carried out
 * once, also if several processes do this at the same time.
 */
export async function removeDueFactors(context: Context): Promise<void> {
  for (;;) {
    const due = await usersOfDueRemovals(context.database, context.clock())
    for (const userId of due)
      await endAfter(context, userId, async (transaction, now) => {
        // Every transaction that changes the factors of a user begins with this lock.
        await lockUser(transaction, userId)
        const removal = await takeDueRemoval(transaction, userId, now)
        if (removal === null) return null
        const { factorId, because } = removal
        return removeNow(context, transaction, userId, { id: factorId ?? undefined, because }, now)
      })
    if (due.length === 0) return
  }
}

/** Removes factors in a transaction. Returns null if there is no such user or factor. */
async function removeNow(
  context: Context,
  transaction: Database,
  userId: string,
  { id, because }: Removal,
  now: number,
): Promise<Omit<RemovedFactors, 'sessions'> | null> {
  await lockUser(transaction, userId)
  const user = await findUserById(transaction, userId)
  const factors = chosen(await allFactorsOf(transaction, userId), id)
  if (user === null || factors.length === 0) return null
  await removeTotp(transaction, userId, id)
  await removePasskeys(transaction, userId, id)
  await dropAfterRemoval(transaction, userId)
  const left = (await allFactorsOf(transaction, userId)).length
  const removed = factors.length
  const kind = kindsOf(factors)
  await byOperator(context, transaction, 'second_factor_removed', userId, { kind, removed, because })
  await context.mailer.queue(transaction, user.email, 'second_factor_removed', {
    name: nameInMail(user),
    at: now,
    device: null,
    left,
  })
  return { removed, left }
}

function chosen(factors: readonly Factor[], id: string | undefined): readonly Factor[] {
  return id === undefined ? factors : factors.filter((factor) => factor.id === id)
}

function kindsOf(factors: readonly Factor[]): string {
  return [...new Set(factors.map(({ kind }) => kind))].join(', ')
}

/** Ends all sessions of a user after `remove`, in the same transaction. If it returns null, no session ends and the result is null. */
async function endAfter(
  context: Context,
  userId: string,
  remove: (transaction: Database, now: number) => Promise<Omit<RemovedFactors, 'sessions'> | null>,
): Promise<RemovedFactors | null> {
  let result: Omit<RemovedFactors, 'sessions'> | null = null
  const sessions = await endAllAndAnnounce(
    context,
    userId,
    { reason: 'operator' },
    async (transaction, now) => {
      result = await remove(transaction, now)
      return result !== null
    },
  )
  if (sessions === null || result === null) return null
  context.mailer.wake()
  return { ...(result as Omit<RemovedFactors, 'sessions'>), sessions }
}

function requireReason(because: string): string {
  const reason = because.trim()
  if (reason === '' || reason.length > maxReason || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(reason))
    throw invalid(
      'because',
      `Say in one line, of at most ${maxReason} characters, how the user has proved who they are.`,
    )
  return reason
}

function invalid(field: string, message: string): FlowError {
  return new FlowError('invalid_request', { details: { errors: [{ field, message }] } })
}

function noFactor(): FlowError {
  return new FlowError('not_found', { reason: 'no such factor' })
}
