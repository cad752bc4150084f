import { hookUserOf } from '../../services/ask-hook.ts'
import type { Context } from '../../services/context.ts'
import { waitMinutes } from '../../services/mail-policy.ts'
import { withinTime } from '../../services/within-time.ts'
import type { Database } from '../../store/database.ts'
import {
  addPendingHook,
  dropPendingHooks,
  finishPendingHook,
  postponePendingHook,
  takePendingHook,
} from '../../store/pending-hook.ts'
import { findUserById, type StoredUser } from '../../store/user.ts'

/** Seconds for which a process reserves one pending call. This is longer than the maximum of `hookTimeoutMs`. */
const heldSeconds = 60
/**
 * After this many seconds, {@link retryAfterSignUp} begins no further call, because the maintenance that runs it must also check the
 * signing keys every minute.
 */
const passSeconds = 30
/** Hours for which a pending call stays stored while the app has no hook. A hook that fails is retried for about the same time. */
const keptHours = 36

/** Stores a pending call of the hook in the transaction of the sign-up. So the hook is called even if this process crashes. */
export async function noteSignUp(context: Context, transaction: Database, userId: string): Promise<void> {
  if (context.hooks.afterSignUp === undefined) return
  await addPendingHook(transaction, userId, context.clock() + heldSeconds * 1000)
}

/** Calls the hook after the transaction was committed. The sign-up does not wait for the hook. A call that fails is retried. */
export function tellOfSignUp(context: Context, user: StoredUser): void {
  const { underWay, onHookFault } = context
  const telling = tell(context, user, 0)
    .catch((error: unknown) => onHookFault('afterSignUp', error))
    .finally(() => underWay.delete(telling))
  underWay.add(telling)
}

/**
 * Makes pending calls again, one after the other, after a failure or a crash. If calls are left after 30 seconds, they are made one minute
 * later.
 */
export async function retryAfterSignUp(context: Context): Promise<void> {
  const { database, clock, hooks } = context
  const start = clock()
  // The app has no hook now. Delete old pending calls. Otherwise a hook that is added later would be called for old sign-ups.
  if (hooks.afterSignUp === undefined) return dropPendingHooks(database, start - keptHours * 3_600_000)
  for (;;) {
    const now = clock()
    if (now >= start + passSeconds * 1000) return
    const pending = await takePendingHook(database, { now, heldUntil: now + heldSeconds * 1000 })
    if (pending === null) return
    const user = await findUserById(database, pending.userId)
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
