import type { Database } from '../store/database.ts'
import {
  addPendingHook,
  finishPendingHook,
  postponePendingHook,
  takePendingHook,
} from '../store/pending-hook.ts'
import { findUserById, type StoredUser } from '../store/user.ts'
import { hookUserOf } from './ask-hook.ts'
import type { Context } from './context.ts'
import { waitMinutes } from './mail-policy.ts'
import { withinTime } from './within-time.ts'

/** Seconds that a process has one in hand; longer than a hook may take. */
const heldSeconds = 60

/** In the transaction that adds somebody who signed up: from then on the product is told, whatever happens to this process. */
export async function noteSignUp(context: Context, transaction: Database, userId: string): Promise<void> {
  if (context.hooks.afterSignUp === undefined) return
  await addPendingHook(transaction, userId, context.clock() + heldSeconds * 1000)
}

/** Tells the product, once the transaction has been committed. Never rejects: the sign-up stands. */
export async function tellOfSignUp(context: Context, user: StoredUser): Promise<void> {
  await tell(context, user, 0).catch((error: unknown) => context.onHookFault('afterSignUp', error))
}

/** Tells it of those that it has not heard of, one after the other: after a failure, or a crash. */
export async function retryAfterSignUp(context: Context): Promise<void> {
  if (context.hooks.afterSignUp === undefined) return
  for (;;) {
    const now = context.clock()
    const pending = await takePendingHook(context.database, { now, heldUntil: now + heldSeconds * 1000 })
    if (pending === null) return
    const user = await findUserById(context.database, pending.userId)
    if (user !== null) await tell(context, user, pending.attempts)
  }
}

async function tell(context: Context, user: StoredUser, attempts: number): Promise<void> {
  const { database, clock, config, hooks, onHookFault } = context
  const { afterSignUp } = hooks
  if (afterSignUp === undefined) return
  try {
    await withinTime(config.hookTimeoutMs, async (signal) => {
      await afterSignUp(hookUserOf(context, user), { signal })
    })
  } catch (error) {
    onHookFault('afterSignUp', error)
    const wait = waitMinutes[attempts]
    if (wait !== undefined) return postponePendingHook(database, user.id, clock() + wait * 60_000)
  }
  await finishPendingHook(database, user.id)
}
