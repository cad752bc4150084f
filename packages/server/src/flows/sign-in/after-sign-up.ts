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

/** Seconds for which a process reserves one pending call; longer than a hook may take. */
const heldSeconds = 60
/** Seconds after which a pass begins no further call, because the upkeep must check the keys every minute. */
const passSeconds = 30
/** Hours that a pending call is kept while there is no hook; as long as a failing one is retried. */
const keptHours = 36

/** Stores a pending call of the hook in the transaction of the sign-up, so that it is made even if this process crashes. */
export async function noteSignUp(context: Context, transaction: Database, userId: string): Promise<void> {
  if (context.hooks.afterSignUp === undefined) return
  await addPendingHook(transaction, userId, context.clock() + heldSeconds * 1000)
}

/** Calls the hook after the transaction was committed. The sign-up does not wait for it; a failed call is retried. */
export function tellOfSignUp(context: Context, user: StoredUser): void {
  const { underWay, onHookFault } = context
  const telling = tell(context, user, 0)
    .catch((error: unknown) => onHookFault('afterSignUp', error))
    .finally(() => underWay.delete(telling))
  underWay.add(telling)
}

/** Repeats pending calls one after the other, after a failure or a crash. The rest follows a minute later. */
export async function retryAfterSignUp(context: Context): Promise<void> {
  const { database, clock, hooks } = context
  const start = clock()
  // There is no hook: drop old pending calls, so that a hook added later is not called for old sign-ups.
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
